// The meanings that Avro lays over its plain types.

/// A logical type that is valid on the node that carries it; others are ignored, as the Avro specification asks.
public enum LogicalType: Sendable, Hashable {
    case decimal(precision: Int, scale: Int)
    case uuid
    case date
    case timeMillis
    case timeMicros
    case timestampMillis
    case timestampMicros
    case localTimestampMillis
    case localTimestampMicros
    case duration

    /// The name that `logicalType` gives in a schema's text.
    public var name: String {
        switch self {
        case .decimal: "decimal"
        case .uuid: "uuid"
        case .date: "date"
        case .timeMillis: "time-millis"
        case .timeMicros: "time-micros"
        case .timestampMillis: "timestamp-millis"
        case .timestampMicros: "timestamp-micros"
        case .localTimestampMillis: "local-timestamp-millis"
        case .localTimestampMicros: "local-timestamp-micros"
        case .duration: "duration"
        }
    }
}

extension LogicalType {
    /// Whether values are moments that everybody agrees on, unlike local times, dates and times of day.
    var isInstant: Bool { self == .timestampMillis || self == .timestampMicros }

    /// Nil unless the object names a known logical type whose attributes are valid for `kind`.
    init?(_ object: JSON, on kind: AvroSchema.Kind) {
        switch (object["logicalType"]?.string, kind) {
        case ("decimal", .bytes), ("decimal", .fixed):
            guard case .integer(let precision) = object["precision"], (1...1_000_000).contains(precision) else {
                return nil
            }
            var scale: Int64 = 0
            if let given = object["scale"] {
                guard case .integer(let value) = given else { return nil }
                scale = value
            }
            guard scale >= 0, scale <= precision else { return nil }
            if case .fixed(let size) = kind {
                // An n-byte two's complement number holds floor(log10(2^(8n-1) - 1)) digits.
                let digits = size == 0 ? 0 : Int(Double(8 * size - 1) * 0.301_029_995_663_981_2)
                guard Int(precision) <= digits else { return nil }
            }
            self = .decimal(precision: Int(precision), scale: Int(scale))
        case ("uuid", .string), ("uuid", .fixed(16)): self = .uuid
        case ("date", .int): self = .date
        case ("time-millis", .int): self = .timeMillis
        case ("time-micros", .long): self = .timeMicros
        case ("timestamp-millis", .long): self = .timestampMillis
        case ("timestamp-micros", .long): self = .timestampMicros
        case ("local-timestamp-millis", .long): self = .localTimestampMillis
        case ("local-timestamp-micros", .long): self = .localTimestampMicros
        case ("duration", .fixed(12)): self = .duration
        default: return nil
        }
    }
}
