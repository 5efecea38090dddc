// Dead letters against the records that they were.

import Testing
import WeirCore
import WeirKafka
import WeirPostgres

extension Rig {
    /// Compares every dead letter, in PostgreSQL and in its topic, with the record that stands in the log.
    ///
    /// - Returns: how many there are.
    func expectLettersUntouched() throws -> Int {
        var found = 0
        for source in topology.sources {
            var originals: [String: StoredRecord] = [:]
            for record in try TopicContents.read(source.topic, brokers: brokers) {
                originals["\(record.place)/\(record.offset)"] = record
            }
            let letters = try TopicContents.read(source.topic + ".dlq", brokers: brokers)
            for letter in letters { try expectUntouched(letter, originals) }
            #expect(Set(letters.compactMap { $0.header("idempotency-key") }).count == letters.count)
            try expectRowsUntouched(source.topic, originals)
            found += letters.count
        }
        return found
    }

    private func expectUntouched(_ letter: StoredRecord, _ originals: [String: StoredRecord]) throws {
        let names = ["topic", "partition", "offset"].map { letter.header("weir.error.\($0)") ?? "none" }
        let original = try #require(originals[names.joined(separator: "/")])
        #expect(letter.key == original.key)
        #expect(letter.payload == original.payload)
        #expect(Array(letter.headers.prefix(original.headers.count)) == original.headers)
        #expect(letter.header("weir.error.timestamp") == String(original.timestamp))
        let reason = letter.header("weir.error.reason").flatMap { DeadLetterReason(rawValue: $0) }
        #expect(letter.header("weir.error.class") == reason?.errorClass)
        #expect(letter.header("weir.error.stage") == reason?.stage)
        #expect(letter.header("weir.error.message")?.isEmpty == false)
    }

    private func expectRowsUntouched(_ topic: String, _ originals: [String: StoredRecord]) throws {
        let rows = try connection.query(
            """
            SELECT topic || '/' || partition || '/' || "offset", key, payload, cardinality(header_names)
            FROM weir.dead_letter WHERE topic = '\(topic)'
            """)
        for row in 0..<rows.count {
            let original = try #require(originals[rows.text(row, 0)])
            #expect((rows.isNull(row, 1) ? nil : rows.bytes(row, 1)) == original.key)
            #expect((rows.isNull(row, 2) ? nil : rows.bytes(row, 2)) == original.payload)
            #expect(Int(rows.int32(row, 3)) == original.headers.count)
        }
    }
}
