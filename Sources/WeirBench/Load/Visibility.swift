// When a consumer of the output topic can see what became of a record.

internal import Histogram
internal import Synchronization
public import WeirKafka

/// Told of records by the run and of results by whoever reads the output topic; either may come first.
///
/// A record counts as seen with the first result of its organisation whose provenance reaches its offset. That may be
/// another window's: where an organisation has several at once, it is a lower bound, too low by the publisher's wait at
/// the most. Repeats and poison have no result and are not looked for.
public final class Visibility: Sendable {
    private struct Owner: Hashable {
        var place: Int
        var organisation: UInt64
    }

    private struct State {
        var start: Int64 = 0
        var window: Range<Int64> = 0..<0
        var places: [TopicPartition: Int] = [:]
        /// Records without a result, oldest offset first.
        var waiting: [Owner: [(offset: Int64, intended: Int64)]] = [:]
        /// How far results reach, and when the first of them that reached so far was read.
        var seen: [Owner: (offset: Int64, moment: Int64)] = [:]
        var lags = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var open = 0
        /// Results that were there before their record was due, which cannot be.
        var negative = 0

        mutating func record(_ intended: Int64, _ moment: Int64) {
            guard window.contains(intended) else { return }
            if moment >= intended { lags.record(UInt64(moment - intended)) } else { negative += 1 }
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// Records whose result was not seen.
    var open: Int { state.withLock { $0.open } }

    /// - Parameter events: how many results there should be. What was refused or never sent has none.
    public func result(of events: Int) -> LagResult {
        state.withLock { LagResult($0.lags, failures: events - Int($0.lags.totalCount)) }
    }

    public var negative: Int { state.withLock { $0.negative } }

    package func begin(_ partitions: [TopicPartition], start: Int64, window: Range<Int64>) {
        state.withLock { state in
            state = State()
            state.start = start
            state.window = window
            for (place, partition) in partitions.enumerated() { state.places[partition] = place }
        }
    }

    /// A name's stand-in, the same for a record's key and for an organisation in a result.
    package static func stamp(_ bytes: some Sequence<UInt8>) -> UInt64 {
        // FNV-1a; never zero, which stands for no result to come.
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } | 1
    }

    package func take(_ notes: [DeliveryNote]) {
        state.withLock { state in
            for note in notes where note.owner != 0 {
                let owner = Owner(place: note.partition, organisation: note.owner)
                if let seen = state.seen[owner], seen.offset >= note.offset {
                    state.record(note.intended, seen.moment)
                } else {
                    state.waiting[owner, default: []].append((note.offset, note.intended))
                    state.open += 1
                }
            }
        }
    }

    /// A result that was just read from the output topic.
    ///
    /// - Parameter reaches: partitions with the last offset that is in the result.
    public func see(organisation: String, reaches: [(partition: TopicPartition, last: Int64)]) {
        let now = MonotonicClock.now()
        state.withLock { state in
            for (partition, last) in reaches {
                guard let place = state.places[partition] else { continue }
                let owner = Owner(place: place, organisation: Self.stamp(organisation.utf8))
                guard last > state.seen[owner]?.offset ?? -1 else { continue }
                let moment = now - state.start
                state.seen[owner] = (last, moment)
                guard let waiting = state.waiting[owner] else { continue }
                let done = waiting.prefix { $0.offset <= last }
                for record in done { state.record(record.intended, moment) }
                state.waiting[owner]?.removeFirst(done.count)
                state.open -= done.count
            }
        }
    }
}
