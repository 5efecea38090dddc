// The looks at one partition of a group that still count.

/// Newest last, in the order of their times; as many as are needed to look back `span`, and never more than `most`.
public struct LagWindow: Sendable {
    /// Microseconds.
    private let span: Int64
    public private(set) var observations: [Observation] = []
    /// Why the last round saw nothing, in words; nil if it did.
    public private(set) var failure: String?

    /// Bounds the memory of a window: whoever looks more often than `span / 256` sees less far back.
    static let most = 258

    public init(span: Int64) { self.span = span }

    public mutating func add(_ observation: Observation) {
        failure = nil
        observations.append(observation)
        let horizon = observation.askedAt - span
        // One from before the horizon stays: it says what was when the window begins.
        while observations.count > Self.most || (observations.count > 1 && observations[1].askedAt <= horizon) {
            observations.removeFirst()
        }
    }

    /// The last round did not see the partition: what was seen before is no longer the state of today.
    public mutating func fail(_ words: String) { failure = words }

    public var latest: Observation? { observations.last }
}
