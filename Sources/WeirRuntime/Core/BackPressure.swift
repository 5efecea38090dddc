// When to stop reading a partition, and when to go on: a function of what is buffered.

/// Two water marks: above the high one a partition is paused, below the low one it is read again, and
/// between them it stays as it is.
package struct BackPressure: Sendable, Equatable {
    /// What is read and not committed yet.
    package struct Load: Sendable, Equatable {
        package var records = 0
        package var bytes = 0

        package init(records: Int = 0, bytes: Int = 0) {
            self.records = records
            self.bytes = bytes
        }

        static func + (a: Load, b: Load) -> Load { Load(records: a.records + b.records, bytes: a.bytes + b.bytes) }
        static func - (a: Load, b: Load) -> Load { Load(records: a.records - b.records, bytes: a.bytes - b.bytes) }

        func reaches(_ mark: Load) -> Bool { records >= mark.records || bytes >= mark.bytes }
    }

    /// Of one partition.
    package let high: Load

    package init(high: Load) { self.high = high }

    /// At least one: a partition of which nothing is held is always below it.
    var low: Load { Load(records: max(1, high.records / 2), bytes: max(1, high.bytes / 2)) }

    /// - Parameters:
    ///   - isPaused: whether it is paused now.
    ///   - isHeld: it may not be read at all for now: its state is being restored, or its log inspected.
    ///   - isWorkerFull: the worker as a whole has had no room for some time.
    package func pauses(_ load: Load, isPaused: Bool, isHeld: Bool, isWorkerFull: Bool) -> Bool {
        if isHeld || isWorkerFull { return true }
        return load.reaches(isPaused ? low : high)
    }
}
