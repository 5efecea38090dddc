// Decodes messages of an output topic, for checks.

package import WeirAvro
package import WeirKafka

/// The fields of billing.usage.v1 that a check compares.
package enum UsageDecoding {
    /// A message of the topic.
    package struct Message {
        package var revision: Int64
        package var usage: ActualUsage
        /// Partitions of the sources with the last offset that is in the total.
        package var reaches: [(partition: TopicPartition, last: Int64)]
    }

    /// - Returns: nil unless the payload is a framed billing.usage.v1.
    package static func message(_ payload: RawSpan, schema: AvroSchema) -> Message? {
        guard let frame = ConfluentFrame(parsing: payload),
            let value = try? AvroValue.decode(schema: schema, from: payload.extracting(frame.body)),
            case .record(let fields) = value, fields.count == 14, case .string(let organisation) = fields[0],
            case .string(let meter) = fields[1], case .long(let start) = fields[2], case .long(let end) = fields[3],
            case .map(let entries) = fields[4], case .bytes(let quantity) = fields[6],
            case .long(let events) = fields[7], case .long(let revision) = fields[8],
            case .array(let provenance) = fields[11]
        else { return nil }
        var dimensions: [String: String] = [:]
        for entry in entries {
            guard case .string(let text) = entry.value else { return nil }
            dimensions[entry.key] = text
        }
        var reaches: [(partition: TopicPartition, last: Int64)] = []
        for part in provenance {
            guard case .record(let parts) = part, parts.count == 4, case .string(let topic) = parts[0],
                case .int(let partition) = parts[1], case .long(let last) = parts[3]
            else { return nil }
            reaches.append((TopicPartition(topic: topic, partition: partition), last))
        }
        return Message(
            revision: revision,
            usage: ActualUsage(
                organisation: organisation, meter: meter, windowStart: start, windowEnd: end, dimensions: dimensions,
                quantity: decimal(quantity), eventCount: events),
            reaches: reaches)
    }

    /// Two's complement, big endian, with six decimals.
    private static func decimal(_ bytes: [UInt8]) -> String {
        var unscaled: Int128 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
        for byte in bytes { unscaled = unscaled << 8 | Int128(byte) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        return (unscaled < 0 ? "-" : "") + padded.dropLast(6) + "." + padded.suffix(6)
    }
}
