// What logical types mean, as text: 12.50, 2026-11-01T10:00:00Z, and back.

internal import WeirCore

/// The written forms of logical types. Each has nil where a value has no such form, and then the plain form counts.
enum LogicalText {
    private static let day: Int64 = 86_400_000_000

    // MARK: Numbers

    /// The text of an int or long: an instant, a local time, a date or a time of day.
    static func text(_ number: Int64, _ logical: LogicalType?) -> String? {
        guard let unit = unit(logical) else { return nil }
        let (microseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let full = Timestamp(microseconds: microseconds).description
        let text: String
        switch logical {
        case .date: text = String(full.prefix(while: { $0 != "T" }))
        case .timeMillis, .timeMicros: text = String(full.drop(while: { $0 != "T" }).dropFirst().dropLast())
        case .localTimestampMillis, .localTimestampMicros: text = String(full.dropLast())
        default: text = full
        }
        return self.number(text, logical) == number ? text : nil
    }

    static func number(_ text: String, _ logical: LogicalType?) -> Int64? {
        guard let unit = unit(logical) else { return nil }
        let full: String
        switch logical {
        case .date: full = "\(text)T00:00:00Z"
        case .timeMillis, .timeMicros: full = "1970-01-01T\(text)Z"
        case .localTimestampMillis, .localTimestampMicros: full = "\(text)Z"
        default: full = text
        }
        guard let time = Timestamp(parsing: full), time.microseconds % unit == 0 else { return nil }
        return time.microseconds / unit
    }

    /// Microseconds that one stands for.
    private static func unit(_ logical: LogicalType?) -> Int64? {
        switch logical {
        case .date: day
        case .timeMillis, .timestampMillis, .localTimestampMillis: 1000
        case .timeMicros, .timestampMicros, .localTimestampMicros: 1
        case .decimal, .uuid, .duration, nil: nil
        }
    }

    // MARK: Bytes

    /// The text of bytes or a fixed: a decimal, a UUID or a duration.
    static func text(_ bytes: [UInt8], _ logical: LogicalType?) -> String? {
        switch logical {
        case .decimal(_, let scale): decimal(bytes, scale)
        case .uuid: uuid(bytes)
        case .duration: duration(bytes)
        default: nil
        }
    }

    /// - Parameter size: of the fixed; nil for bytes.
    static func bytes(_ text: String, _ logical: LogicalType?, size: Int?) -> [UInt8]? {
        switch logical {
        case .decimal(_, let scale): decimal(text, scale, size)
        case .uuid: uuid(text)
        case .duration: duration(text)
        default: nil
        }
    }

    /// Nil if the number does not fit 128 bits.
    private static func decimal(_ bytes: [UInt8], _ scale: Int) -> String? {
        guard (1...16).contains(bytes.count) else { return nil }
        var value: Int128 = bytes[0] >= 0x80 ? -1 : 0
        for byte in bytes { value = value << 8 | Int128(byte) }
        var digits = String(value.magnitude)
        digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let point = digits.index(digits.endIndex, offsetBy: -scale)
        return (value < 0 ? "-" : "") + digits[..<point] + (scale > 0 ? "." + digits[point...] : "")
    }

    private static func decimal(_ text: String, _ scale: Int, _ size: Int?) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count <= 2, fraction.count <= scale, parts.count == 1 || !fraction.isEmpty else { return nil }
        let digits = parts[0] + fraction + String(repeating: "0", count: scale - fraction.count)
        guard let value = Int128(digits) else { return nil }
        var writer = AvroWriter()
        // The length before the bytes takes one byte: there are at most 16.
        writer.writeDecimal(value)
        let shortest = Array(writer.bytes.dropFirst())
        guard let size else { return shortest }
        guard shortest.count <= size else { return nil }
        return [UInt8](repeating: value < 0 ? 0xFF : 0, count: size - shortest.count) + shortest
    }

    /// RFC 4122: `0f8fad5b-d9cb-469f-a165-70867728950e`.
    private static func uuid(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 16 else { return nil }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.digits(bytes[$0]) }.joined(separator: "-")
    }

    private static func uuid(_ text: String) -> [UInt8]? {
        guard let bytes = Hex.bytes("0x" + text.replacing("-", with: "")), uuid(bytes) == text.lowercased() else {
            return nil
        }
        return bytes
    }

    /// ISO 8601 with the three parts that Avro keeps apart: months, days and milliseconds, as `P1M15DT3.250S`.
    private static func duration(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 12 else { return nil }
        let parts = (0..<3).map { part in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[part * 4 + $1]) << UInt32(8 * $1) }
        }
        let fraction = String(parts[2] % 1000 + 1000).dropFirst()
        return "P\(parts[0])M\(parts[1])DT\(parts[2] / 1000).\(fraction)S"
    }

    private static func duration(_ text: String) -> [UInt8]? {
        guard let match = text.wholeMatch(of: /P(\d+)M(\d+)DT(\d+)\.(\d{3})S/),
            let months = UInt32(match.1), let days = UInt32(match.2), let millis = UInt32(match.3 + match.4)
        else { return nil }
        return [months, days, millis].flatMap { part in (0..<4).map { UInt8(truncatingIfNeeded: part >> (8 * $0)) } }
    }

    // MARK: Words

    /// What a value of the type looks like; nil where the plain form is the only one.
    static func example(_ logical: LogicalType?) -> String? {
        switch logical {
        case .decimal(_, let scale): "a decimal as text with at most \(scale) digits after the point"
        case .timestampMillis, .timestampMicros: "a time like \"2026-11-01T10:00:00Z\", or a number"
        case .localTimestampMillis, .localTimestampMicros: "a local time like \"2026-11-01T10:00:00\", or a number"
        case .date: "a date like \"2026-11-01\", or a number"
        case .timeMillis, .timeMicros: "a time of day like \"10:00:00.250\", or a number"
        case .uuid: "a UUID like \"0f8fad5b-d9cb-469f-a165-70867728950e\""
        case .duration: "a duration like \"P1M15DT3.250S\""
        case nil: nil
        }
    }
}
