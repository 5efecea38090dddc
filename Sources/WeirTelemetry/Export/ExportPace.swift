// When an exporter sends, tries again, and gives up.

/// Times in microseconds.
package struct ExportPace: Sendable {
    /// Between two looks at the queue.
    let every: Int64
    let firstRetry: Int64 = 1_000_000
    let longestRetry: Int64 = 30_000_000
    /// After the first try; newer telemetry is worth more than older.
    let giveUpAfter: Int64
    /// Of a request, in milliseconds.
    let requestTimeout = 10_000

    package init(every: Int64, giveUpAfter: Int64 = 60_000_000) {
        self.every = every
        self.giveUpAfter = giveUpAfter
    }

    /// How long to wait before try number `attempt`, from 1, given what the collector asks for.
    ///
    /// - Parameter spread: from 0 to 1: not all processes come back in the same moment.
    package func delay(attempt: Int, asked seconds: Int64?, spread: Double) -> Int64 {
        let doubled = min(longestRetry, firstRetry << min(attempt - 1, 10))
        let own = doubled / 2 + Int64(Double(doubled / 2) * spread)
        return max(own, min((seconds ?? 0) * 1_000_000, giveUpAfter))
    }
}
