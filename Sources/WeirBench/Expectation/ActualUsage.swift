// A result as it was found, wherever it was found.

/// One row of a usage table, or one message's newest revision.
public struct ActualUsage: Sendable, Equatable {
    public var organisation: String
    public var meter: String
    /// Microseconds since 1970.
    public var windowStart: Int64
    public var windowEnd: Int64
    public var dimensions: [String: String]
    /// A decimal number with any number of zeros at its end.
    public var quantity: String
    public var eventCount: Int64

    public init(
        organisation: String, meter: String, windowStart: Int64, windowEnd: Int64, dimensions: [String: String],
        quantity: String, eventCount: Int64
    ) {
        self.organisation = organisation
        self.meter = meter
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.dimensions = dimensions
        self.quantity = quantity
        self.eventCount = eventCount
    }
}
