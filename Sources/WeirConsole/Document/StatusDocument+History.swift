// Lag over the last half hour.

internal import WeirObserve

extension StatusDocument {
    package struct HistoryPart: Codable, Equatable, Sendable {
        package let stepSeconds: Double
        package let spanSeconds: Double
        /// The newest last.
        package let points: [Point]

        enum CodingKeys: String, CodingKey {
            case points
            case stepSeconds = "step_seconds"
            case spanSeconds = "span_seconds"
        }
    }

    /// What happened in one step of time, of which this is the end.
    package struct Point: Codable, Equatable, Sendable {
        package let time: Double
        /// Of what was committed; null if nothing was.
        @OrNull package private(set) var p50: Double?
        @OrNull package private(set) var p99: Double?
        @OrNull package private(set) var oldest: Double?
        /// A second.
        package let records: Double
    }
}

extension StatusDocument.HistoryPart {
    init(_ history: TopologyHistory) {
        self.init(
            stepSeconds: .seconds(TopologyHistory.step),
            spanSeconds: .seconds(TopologyHistory.step * Int64(TopologyHistory.most)),
            points: history.points.map { point in
                StatusDocument.Point(
                    time: .time(point.time), p50: point.p50.map { .seconds(Int64(clamping: $0)) },
                    p99: point.p99.map { .seconds(Int64(clamping: $0)) }, oldest: point.oldest.map(Double.seconds),
                    records: point.records)
            })
    }
}
