// What one load showed, and whether it may be believed.

internal import Histogram

/// A stretch of the run: a second, or longer in runs of more than ten minutes. Lags in milliseconds.
public struct StretchResult: Codable, Sendable {
    /// Seconds from the start of the run.
    public var from: Double
    public var seconds: Double
    /// Records that were due in it; nil where nobody counted them, in older reports and of another group's load.
    public var due: Int?
    /// Of those, the ones that the broker has.
    public var delivered: Int
    /// Records, due at any time, whose effect was seen in it.
    public var done: Int
    public var p50: Double?
    public var p99: Double?
    public var max: Double?
    /// Of those due, the ones whose effect was never seen: refused, not sent, or not done.
    public var missing: Int

    /// Records that were due in it, as far as anybody knows.
    public var records: Int { due ?? delivered }

    package init(
        from: Double, seconds: Double, due: Int? = nil, delivered: Int, done: Int, p50: Double?, p99: Double?,
        max: Double?, missing: Int
    ) {
        self.from = from
        self.seconds = seconds
        self.due = due
        self.delivered = delivered
        self.done = done
        self.p50 = p50
        self.p99 = p99
        self.max = max
        self.missing = missing
    }
}

/// How well the schedule was kept. Counts are of records that were due while it counted.
public struct SendingResult: Codable, Sendable {
    public var scheduled: Int
    /// Of those, the ones that are no repeats and no poison; nil in older reports.
    public var events: Int?
    public var sent: Int
    /// Sent more than a millisecond behind the schedule.
    public var late: Int
    /// Never sent.
    public var unsent: Int
    public var acknowledged: Int
    /// Given up by librdkafka.
    public var failed: Int
    /// Acknowledged, and their effect never seen.
    public var neverDone: Int
    /// Error code → records of the whole run.
    public var errors: [String: Int]
    public var worstLatenessMs: Double
    public var queueFull: Int
    /// Whether its thread went before all ordinary ones.
    public var isRaised: Bool
    /// Bytes of keys and values, of the whole run.
    public var bytes: Int
    /// Records of the whole run.
    public var total: Int
}

/// How well the positions were watched.
public struct WatchingResult: Codable, Sendable {
    public var looks: Int
    /// Looks that failed.
    public var failures: Int
    /// Milliseconds that a lag may be too long by: from one look's question to the next one's answer.
    public var resolutionP50: Double
    public var resolutionP99: Double
    public var resolutionMax: Double
    /// Lags below zero.
    public var negative: Int
    /// Positions that went back.
    public var rewinds: Int
    /// Offsets that the position passed and no delivery report spoke of.
    public var unclaimed: Int
    /// Delivery reports that came too late for their lag to be known.
    public var reportsTooLate: Int
}

public struct LoadMeasurement: Codable, Sendable {
    /// Records a second that were wanted.
    public var offered: Double
    /// Records a second whose effect was seen while it counted.
    public var throughput: Double
    /// From the start of the warm-up to the last record's end.
    public var seconds: Double
    public var warmup: Double
    public var duration: Double
    public var sending: SendingResult
    public var watching: WatchingResult
    public var durable: LagResult
    public var stretches: [StretchResult]
    /// Nil in older reports.
    public var standstills: [Standstill]?

    /// More late sends than this refuse the result.
    public static let mostLate = 0.01

    /// - Parameter duration: seconds that count.
    init(_ counts: OpenLoopSender.Counts, _ watched: PositionWatcher.State, seconds: Double, duration: Double) {
        let book = watched.book
        let recorded = Int(book.lags.totalCount)
        warmup = Double(book.window.upperBound) / 1e9 - duration
        self.duration = duration
        self.seconds = seconds
        durable = LagResult(book.lags, failures: counts.scheduled - recorded)
        offered = Double(counts.scheduled) / duration
        throughput = Double(book.seenInWindow) / duration
        sending = SendingResult(
            scheduled: counts.scheduled, events: counts.events, sent: counts.sent, late: counts.late,
            unsent: counts.unsent,
            acknowledged: counts.acknowledged, failed: counts.failed,
            neverDone: max(0, counts.acknowledged - recorded - book.negative), errors: counts.errors,
            worstLatenessMs: Double(counts.worstLateness) / 1e6, queueFull: counts.queueFull,
            isRaised: counts.isRaised, bytes: counts.bytes, total: counts.total)
        func resolution(_ percent: Double) -> Double {
            watched.resolution.totalCount == 0 ? 0 : Double(watched.resolution.valueAtPercentile(percent)) / 1e6
        }
        watching = WatchingResult(
            looks: watched.looks, failures: watched.failures, resolutionP50: resolution(50),
            resolutionP99: resolution(99), resolutionMax: resolution(100), negative: book.negative,
            rewinds: book.rewinds, unclaimed: book.unclaimed, reportsTooLate: book.tooLate)
        stretches = book.results(due: counts.due)
        standstills = book.standstills
    }

    /// More sends were late than a result may have.
    public var isGeneratorBehind: Bool {
        Double(sending.late + sending.unsent) > Self.mostLate * Double(sending.scheduled)
    }

    /// Why the figures must not be used; nil if they may.
    public var refusal: String? {
        if sending.scheduled == 0 {
            return "nothing was due while it counted: choose a longer duration or a higher rate"
        }
        if isGeneratorBehind {
            let late = sending.late + sending.unsent
            let share = Double(late) / Double(sending.scheduled) * 100
            return
                "the generator fell behind: \(late) of \(sending.scheduled) sends (\(share.rounded(to: 1)) %) were more "
                + "than 1 ms late, up to \(sending.worstLatenessMs.rounded(to: 1)) ms. Choose a lower rate, or leave the "
                + "generator more of the machine"
        }
        if watching.negative > 0 {
            return "\(watching.negative) lags are below zero, which cannot be: a position ran ahead of its records"
        }
        return nil
    }
}

extension LagBook {
    /// - Parameter due: records by stretch; empty if nobody counted them.
    func results(due: [Int]) -> [StretchResult] {
        (0..<max(stretches.count, due.count)).map { index in
            let stretch = index < stretches.count ? stretches[index] : Stretch()
            let due = due.isEmpty ? nil : index < due.count ? due[index] : 0
            let missing = max(0, (due ?? stretch.delivered) - Int(stretch.lags.totalCount))
            let lag = LagResult(stretch.lags, failures: missing)
            return StretchResult(
                from: Double(Int64(index) * width) / 1e9, seconds: Double(width) / 1e9, due: due,
                delivered: stretch.delivered, done: stretch.seen, p50: lag.p50, p99: lag.p99, max: lag.max,
                missing: missing)
        }
    }
}

extension Double {
    /// So many digits behind the point.
    package func rounded(to digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
