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
            guard let key = record.key, let (revision, usage) = Self.usage(record, schema) else {
                throw Unreadable(record: record)
            }
            let name = Name(usage)
            if revisions[name, default: []].allSatisfy({ $0 < revision }) { newest[key] = usage }
            revisions[name, default: []].append(revision)
        }
    }

    private static func usage(_ record: StoredRecord, _ schema: AvroSchema) -> (Int64, ActualUsage)? {
        guard let payload = record.payload, let frame = ConfluentFrame(parsing: payload.span.bytes),
            let value = try? AvroValue.decode(schema: schema, from: payload.span.bytes.extracting(frame.body)),
            case .record(let fields) = value, fields.count == 14, case .string(let organisation) = fields[0],
            case .string(let meter) = fields[1], case .long(let start) = fields[2], case .long(let end) = fields[3],
            case .map(let entries) = fields[4], case .bytes(let quantity) = fields[6],
            case .long(let events) = fields[7], case .long(let revision) = fields[8]
        else { return nil }
        var dimensions: [String: String] = [:]
        for entry in entries {
            guard case .string(let text) = entry.value else { return nil }
            dimensions[entry.key] = text
        }
        return (
            revision,
            ActualUsage(
                organisation: organisation, meter: meter, windowStart: start, windowEnd: end, dimensions: dimensions,
                quantity: decimal(quantity), eventCount: events)
        )
    }

    /// Two's complement, big endian, with six decimals; never negative here.
    private static func decimal(_ bytes: [UInt8]) -> String {
        let digits = String(bytes.reduce(Int128(0)) { $0 << 8 | Int128($1) })
        let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        return padded.dropLast(6) + "." + padded.suffix(6)
    }
}
