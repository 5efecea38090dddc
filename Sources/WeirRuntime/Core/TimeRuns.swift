// Times of a batch's records, kept until their commit tells how late they are.

package import WeirObserve

/// In the order of reading; equal neighbours of one partition are counted together.
package struct TimeRuns: Sendable {
    package private(set) var runs: ContiguousArray<TimeRun> = []

    mutating func removeAll() { runs.removeAll(keepingCapacity: true) }

    /// - Parameter part: index of the partition's part in the batch.
    @inline(__always)
    mutating func add(_ milliseconds: Int64, part: Int) {
        let last = runs.count &- 1
        let part = UInt32(truncatingIfNeeded: part)
        if last >= 0, runs[last].milliseconds == milliseconds, runs[last].part == part {
            runs[last].count &+= 1
        } else {
            runs.append(TimeRun(milliseconds: milliseconds, part: part, count: 1))
        }
    }

    /// Neighbours of one partition together.
    func forEachPart(_ body: (_ part: Int, _ runs: Span<TimeRun>) -> Void) {
        var start = 0
        while start < runs.count {
            let part = runs[start].part
            var end = start + 1
            while end < runs.count, runs[end].part == part { end += 1 }
            body(Int(part), runs.span.extracting(start..<end))
            start = end
        }
    }
}
