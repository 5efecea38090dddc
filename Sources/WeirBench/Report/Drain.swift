// One backlog, caught up with.

public struct Drain: Codable, Sendable {
    /// From the first commit seen to the last.
    public var seconds: Double
    /// Events that were done in that time: those of the first commit seen are not among them.
    public var measured: Int
    /// What the backlog was made of.
    public var mix: Expectation.Counts?
    public var processes: [ProcessResult]
    /// Rows of the output table that were written, an event.
    public var rowsPerEvent: Double

    /// Less says nothing: moments are known to the 5 ms between two looks, and a query.
    public static let shortest = 0.2

    public init(
        seconds: Double, measured: Int, mix: Expectation.Counts? = nil, processes: [ProcessResult], rowsPerEvent: Double
    ) {
        self.seconds = seconds
        self.measured = measured
        self.mix = mix
        self.processes = processes
        self.rowsPerEvent = rowsPerEvent
    }

    /// Events a second from the first commit seen to the last; nil if that time is too short to tell.
    public var rate: Double? { seconds >= Self.shortest && measured > 0 ? Double(measured) / seconds : nil }

    public func cpu(_ name: String) -> Double { processes.first { $0.name == name }?.cpuMicrosPerEvent ?? 0 }
    public var residentMiB: Double { processes.first { $0.name == "weir" }?.residentMiB ?? 0 }

    /// What all of them show, in a sentence; of the rate nothing, if one was too short.
    public static func verdict(_ drains: [Drain], events: Int) -> String {
        let cpu = "\(median(drains.map { $0.cpu("weir") }).rounded(to: 2)) µs of Weir's CPU an event"
        let rates = drains.compactMap(\.rate)
        guard rates.count == drains.count, let least = rates.min(), let most = rates.max() else {
            let short = drains.map(\.seconds).min() ?? 0
            return "A backlog of \(events) events takes \(cpu). Nothing is said of its rate: from the first commit "
                + "seen to the last it was \(Int(short * 1000)) ms, and \(Int(shortest * 1000)) are the least. Choose more --events."
        }
        return "A backlog of \(events) events is caught up with at \(Int(median(rates))) events a second (median "
            + "of \(drains.count), from \(Int(least)) to \(Int(most))), at \(cpu)."
    }

    public static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
