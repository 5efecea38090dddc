// How long records took, counted by steps of `LagScale`.

/// Histograms of different partitions, workers and times add up exactly. 3 KiB; recording allocates nothing.
///
/// HdrHistogram with two digits would need ten times the memory for each partition, and its steps do not end at the
/// round numbers that Prometheus is asked for.
public struct LagHistogram: Sendable, Equatable {
    /// Upper ends of the buckets that others are told of, in microseconds: ends of steps, so that their counts are
    /// exact. 5 ms to a day.
    package static let bounds: [UInt64] = [
        5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
        20_000_000, 50_000_000, 100_000_000, 500_000_000, 2_000_000_000, 10_000_000_000, 100_000_000_000,
    ]

    package private(set) var steps: ContiguousArray<UInt64>
    public private(set) var count: UInt64 = 0
    /// Of all lags, in seconds.
    public private(set) var sum = 0.0

    public init() { steps = ContiguousArray(repeating: 0, count: LagScale.count) }

    /// - Parameter microseconds: of each of them.
    public mutating func record(_ microseconds: UInt64, count: UInt64 = 1) {
        record(microseconds, count, LagScale.starts, LagScale.ends)
    }

    @inline(__always)
    mutating func record(
        _ microseconds: UInt64, _ number: UInt64, _ starts: borrowing ContiguousArray<UInt16>,
        _ ends: borrowing ContiguousArray<UInt64>
    ) {
        let lag = max(microseconds, 8)
        let power = 63 &- lag.leadingZeroBitCount
        let eighth = Int(truncatingIfNeeded: lag >> UInt64(power &- 3)) & 7
        var step = Int(starts[power << 3 | eighth])
        while step < ends.count, ends[step] < lag { step &+= 1 }
        steps[step] &+= number
        count &+= number
        sum += Double(microseconds) * Double(number) / 1_000_000
    }

    public mutating func add(_ other: LagHistogram) {
        for index in steps.indices { steps[index] &+= other.steps[index] }
        count &+= other.count
        sum += other.sum
    }

    /// What was recorded since `earlier`, which this one has grown from.
    public func since(_ earlier: LagHistogram) -> LagHistogram {
        var difference = self
        for index in steps.indices { difference.steps[index] &-= earlier.steps[index] }
        difference.count &-= earlier.count
        difference.sum -= earlier.sum
        return difference
    }

    /// How many took so long at the most; exact where a step ends, as at 1, 2 and 5 of every power of ten.
    public func count(upTo microseconds: UInt64) -> UInt64 {
        var count: UInt64 = 0
        for (index, end) in LagScale.ends.enumerated() {
            guard end <= microseconds else { break }
            count &+= steps[index]
        }
        return count
    }

    /// How many took so long at the most, for each of `bounds`.
    package var countsUpToBounds: [UInt64] {
        let ends = LagScale.ends
        var counts: [UInt64] = []
        counts.reserveCapacity(Self.bounds.count + 1)
        var count: UInt64 = 0
        var step = 0
        for bound in Self.bounds {
            while step < ends.count, ends[step] <= bound {
                count &+= steps[step]
                step += 1
            }
            counts.append(count)
        }
        return counts
    }

    /// The lag that so large a share of records did not pass, in microseconds: the end of its step, so at most 7 % too
    /// much. Nil without records, and the longest step's end for what is longer.
    public func quantile(_ share: Double) -> UInt64? {
        guard count > 0 else { return nil }
        let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, end) in LagScale.ends.enumerated() {
            seen &+= steps[index]
            if seen >= rank { return end }
        }
        return LagScale.ends[LagScale.ends.count - 1]
    }
}
