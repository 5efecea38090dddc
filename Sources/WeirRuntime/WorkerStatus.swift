// What a worker tells others about itself: written by its thread, read by anybody.

public import Histogram
internal import Synchronization
internal import WeirCore
internal import WeirKafka
public import WeirObserve

/// Keeps what a worker did and how it stands. Times are microseconds since 1970 unless they say otherwise.
public final class WorkerStatus: Sendable {
    private struct State {
        var snapshot = WorkerSnapshot()
        /// Where partitions are in `snapshot.partitions`.
        var places: [TopicPartition: Int] = [:]
        var interval = WorkerStatus.emptyLag()

        mutating func place(of id: TopicPartition, at now: Int64) -> Int {
            if let place = places[id] { return place }
            places[id] = snapshot.partitions.count
            snapshot.partitions.append(PartitionStatus(topic: id.topic, partition: id.partition, knownSince: now))
            return snapshot.partitions.count - 1
        }

        mutating func noteInterval(_ run: TimeRun, at now: Int64) {
            guard run.milliseconds >= 0 else { return }
            // A timestamp is whatever a producer wrote: it need not even fit microseconds.
            let lag = run.milliseconds > now / 1000 ? -1 : now - run.milliseconds * 1000
            if lag < 0 { snapshot.negativeLag += Int64(run.count) }
            interval.record(UInt64(max(1, min(lag, 3_600_000_000))), count: run.count)
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// One microsecond to an hour in two digits.
    public static func emptyLag() -> Histogram<UInt32> {
        Histogram(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .two)
    }

    public func read() -> WorkerSnapshot { state.withLock { $0.snapshot } }

    /// Of all its partitions, held or not.
    var tally: RecordTally {
        state.withLock { state in
            state.snapshot.partitions.reduce(into: RecordTally()) { $0.add($1.lag.tally) }
        }
    }

    /// Reads, and takes the lag of records since it was last taken: from Kafka timestamp to commit, in microseconds.
    public func takeLag() -> (snapshot: WorkerSnapshot, lag: Histogram<UInt32>) {
        state.withLock { state in
            defer { state.interval.reset() }
            return (state.snapshot, state.interval)
        }
    }

    func update(_ body: (inout WorkerSnapshot) -> Void) {
        state.withLock { body(&$0.snapshot) }
    }

    /// What the worker has now; it has nothing else.
    ///
    /// - Parameter isAnswer: the group has just said so: whatever else the worker had is for others.
    func hold(
        _ holdings: [(id: TopicPartition, holding: PartitionStatus.Holding)], at now: Int64, isAnswer: Bool = false
    ) {
        state.withLock { state in
            var gone = Set(state.places.keys)
            for (id, holding) in holdings {
                gone.remove(id)
                let place = state.place(of: id, at: now)
                state.snapshot.partitions[place].hold(holding, at: now)
            }
            for id in gone {
                let place = state.place(of: id, at: now)
                state.snapshot.partitions[place].release(at: now)
                if isAnswer { state.snapshot.partitions[place].goElsewhere() }
            }
        }
    }

    /// What a look at the logs found. One of a partition that went meanwhile is of no use.
    func saw(_ logs: [TopicPartition: PartitionStatus.LogView]) {
        state.withLock { state in
            for (id, log) in logs {
                guard let place = state.places[id], state.snapshot.partitions[place].held != nil else { continue }
                state.snapshot.partitions[place].log = log
            }
        }
    }

    /// Counts a batch that is in.
    ///
    /// - Parameter line: the objective's, in microseconds.
    func committed(_ batch: borrowing OpenBatch, line: Int64, at now: Int64) {
        state.withLock { state in
            let places = batch.parts.map { state.place(of: $0.id, at: now) }
            for (part, place) in zip(batch.parts, places) {
                state.snapshot.partitions[place].counts.add(part.progress)
            }
            for letter in batch.deadLetters {
                let place = state.place(of: letter.source, at: now)
                state.snapshot.partitions[place].counts[letter.reason] += 1
            }
            for parking in batch.parking {
                let place = state.place(of: parking.source, at: now)
                state.snapshot.partitions[place].counts.parked += Int64(parking.records.count)
            }
            batch.arrivals.forEachPart { part, runs in
                state.snapshot.partitions[places[part]].lag.record(arrivals: runs, committedAt: now, line: line)
                // The first of them has waited the longest.
                guard let trace = batch.trace else { return }
                state.snapshot.partitions[places[part]].lag.note(
                    trace.context, ofArrival: runs[0].milliseconds, committedAt: now, line: line)
            }
            for record in batch.traced {
                guard let arrival = record.arrival else { continue }
                let place = state.place(of: record.source, at: now)
                state.snapshot.partitions[place].lag.note(
                    record.context, ofArrival: arrival, committedAt: now, line: line)
            }
            batch.happenings.forEachPart { part, runs in
                state.snapshot.partitions[places[part]].lag.record(happenings: runs, committedAt: now)
            }
            for run in batch.arrivals.runs { state.noteInterval(run, at: now) }
            state.snapshot.commits += 1
        }
    }
}

extension RecordCounts {
    /// Dead letters and what was put aside are counted one by one.
    fileprivate mutating func add(_ progress: PartitionProgress) {
        counted += progress.counted
        duplicates += progress.duplicates
        conflicts += progress.conflicts
        late += progress.late
        diverted += progress.diverted
    }
}
