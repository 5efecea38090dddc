// billing.usage.v1 as one of its consumers sees it: the newest revision of each window wins.

import WeirAvro
import WeirBench

struct PublishedUsage {
    /// What a revision is a revision of.
    struct Name: Hashable {
        let organisation: String
        let meter: String
        let windowStart: Int64
        let dimensions: [String: String]

        init(_ usage: ActualUsage) {
            organisation = usage.organisation
            meter = usage.meter
            windowStart = usage.windowStart
            dimensions = usage.dimensions
        }
    }

    /// By message key.
    private(set) var newest: [[UInt8]: ActualUsage] = [:]
    /// Revisions of each result in the order of the topic.
    private(set) var revisions: [Name: [Int64]] = [:]

    struct Unreadable: Error {
        let record: StoredRecord
    }

    init(_ records: [StoredRecord], schema: AvroSchema) throws {
        for record in records {
            guard let key = record.key, let payload = record.payload,
                let message = UsageDecoding.message(payload.span.bytes, schema: schema)
            else {
                throw Unreadable(record: record)
            }
            let name = Name(message.usage)
            if revisions[name, default: []].allSatisfy({ $0 < message.revision }) { newest[key] = message.usage }
            revisions[name, default: []].append(message.revision)
        }
    }
}
