// Which event times the records of a run have.

import WeirCore

/// Spreads event times evenly, or takes them from a trace.
///
/// Times are out of order by up to a quarter of a second, always to the earlier side, so that none is
/// ahead of the clock; late ones are up to 30 minutes early.
struct Schedule {
    private static let jitter: Int64 = 250_000

    let start: Int64
    let span: Int64
    /// Records of the run; with a trace, its rows.
    let count: Int
    private let trace: Trace?
    private let late: Double

    init(_ options: GeneratorOptions) throws(WeirError) {
        trace = options.trace
        late = options.late
        if let trace {
            guard options.start == nil, options.span == nil else {
                throw WeirError(
                    .usage, "--start and --span do not go with --trace", advice: "A trace keeps its own times.")
            }
            count = min(options.events ?? trace.rows.count, trace.rows.count)
            let times = trace.rows.prefix(count).map(\.time)
            start = times.min() ?? options.now.microseconds
            span = (times.max() ?? start) - start
            return
        }
        count = options.events ?? 100_000
        let sending = Double(count) / (options.rate > 0 ? options.rate : 10_000) * 1e6
        guard sending < 1e17 else {
            throw WeirError(.usage, "--rate \(options.rate) would take \(Int(sending / 3.15e13)) years")
        }
        span = options.span?.microseconds ?? Int64(sending)
        let followsClock = options.span == nil && options.rate > 0
        start = options.start?.microseconds ?? options.now.microseconds - (followsClock ? 0 : span)
    }

    /// Fails if a source would not believe some of the times.
    func check(_ source: Source, _ options: GeneratorOptions) throws(WeirError) {
        let early = trace == nil ? Schedule.jitter + (late > 0 ? GeneratorOptions.latest.microseconds : 0) : 0
        let first = Timestamp(microseconds: start - early)
        guard first >= source.time.earliest else {
            throw WeirError(
                .usage,
                "event times would begin at \(first), and \(source.topic) believes none before \(source.time.earliest)",
                advice: trace == nil ? "Choose a later --start." : "Change time.earliest in the topology.")
        }
        let sending = options.rate > 0 ? Int64(Double(count) / options.rate * 1e6) : 0
        let ahead = max(start - options.now.microseconds, start + span - options.now.microseconds - sending)
        guard ahead <= source.time.ahead.microseconds else {
            let last = Timestamp(microseconds: start + span)
            throw WeirError(
                .usage,
                "event times would go to \(last), further ahead of the clock than the \(source.time.ahead) that "
                    + "\(source.topic) believes",
                advice: "Choose an earlier --start or a shorter --span.")
        }
    }

    /// The moment of the record with a number; with a trace, that of the row.
    ///
    /// - Parameter due: microseconds from the start to the record's arrival; nil if they are evenly spaced.
    func moment(_ number: Int, due: Int64?, _ random: inout SeededRandom) -> EventMoment {
        if let trace {
            let row = trace.rows[min(number, count - 1)]
            return EventMoment(time: row.time, traced: row.numbers)
        }
        let turn = start + (due ?? Int64(Int128(span) * Int128(number) / Int128(max(1, count))))
        if random.chance(late) {
            return EventMoment(time: turn - 1_000_000 - random.below(GeneratorOptions.latest.microseconds - 1_000_000))
        }
        return EventMoment(time: turn - random.below(Schedule.jitter))
    }
}
