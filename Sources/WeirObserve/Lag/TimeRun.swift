// A time that some records of a batch share.

/// Sixteen bytes; a batch keeps them until its commit tells how late they are.
package struct TimeRun: Sendable, Equatable {
    /// Since 1970; negative if the record has no such time.
    package var milliseconds: Int64
    /// Index of the partition's part in the batch.
    package var part: UInt32
    package var count: UInt32

    package init(milliseconds: Int64, part: UInt32, count: UInt32) {
        self.milliseconds = milliseconds
        self.part = part
        self.count = count
    }
}
