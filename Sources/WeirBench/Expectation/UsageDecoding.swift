// Decodes messages of an output topic, for checks.

package import WeirAvro

/// The fields of billing.usage.v1 that a check compares.
package enum UsageDecoding {
    /// - Returns: nil unless the payload is a framed billing.usage.v1.
    package static func usage(_ payload: RawSpan, schema: AvroSchema) -> (revision: Int64, usage: ActualUsage)? {
        guard let frame = ConfluentFrame(parsing: payload),
            let value = try? AvroValue.decode(schema: schema, from: payload.extracting(frame.body)),
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

    /// Two's complement, big endian, with six decimals.
    private static func decimal(_ bytes: [UInt8]) -> String {
        var unscaled: Int128 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
        for byte in bytes { unscaled = unscaled << 8 | Int128(byte) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        return (unscaled < 0 ? "-" : "") + padded.dropLast(6) + "." + padded.suffix(6)
    }
}
