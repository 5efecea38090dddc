// How much is held, and which partitions are read.

internal import WeirCore
internal import WeirKafka

extension WorkerCore {
    /// What to do with the consumer until the next decision.
    package enum Reading: Sendable {
        case records
        /// Nothing: librdkafka's own bounded queue holds the rest.
        case nothing
        /// All partitions are paused; polling keeps the membership.
        case eventsOnly
    }

    package var reading: Reading {
        // A partition whose log is to be looked at is paused by one: polled before that, it would go on.
        if hasCommands { return .nothing }
        guard isFull else { return .records }
        return isAllPaused ? .eventsOnly : .nothing
    }

    /// Batches that have records.
    package var openBatches: Int { lanes.count { !$0.pointee.isEmpty } }

    var isEmpty: Bool { openBatches == 0 }

    var isFull: Bool { openLoad.records >= limit.records || openLoad.bytes >= topology.limits.batchBytes }

    private var isLongFull: Bool {
        guard let fullSince else { return false }
        return now.monotonic - fullSince > settings.pauseAfter
    }

    /// Pauses and resumes what has to be, and nothing else: in librdkafka 2.0.2 resuming a partition that is
    /// not paused can rewind it (#4686), and each pause throws away what was fetched ahead.
    func applyPressure() {
        if !isFull {
            if isAllPaused { say(.resumed) }
            fullSince = nil
            isAllPaused = false
        } else if fullSince == nil {
            fullSince = now.monotonic
        } else if isLongFull, !isAllPaused {
            isAllPaused = true
            say(.paused(records: openLoad.records))
        }
        var pausing: [TopicPartition] = []
        var resuming: [PartitionState] = []
        for (id, state) in partitions where state.isAssigned {
            let wanted = settings.pressure.pauses(
                state.committing + state.open, isPaused: state.isPaused,
                isHeld: isHeld(state) || state.waitingForSchemas >= settings.mostSchemaRecords,
                isWorkerFull: isAllPaused)
            guard wanted != state.isPaused else { continue }
            state.isPaused = wanted
            state.heardAt = now.monotonic
            // A resume names the offset, so what waits for a schema is fetched again.
            if wanted { state.backlog = PartitionState.Backlog() }
            if wanted { pausing.append(id) } else { resuming.append(state) }
        }
        if !pausing.isEmpty { emit(.pause(pausing.sorted())) }
        if !resuming.isEmpty { emit(.resume(resuming.sorted { $0.id < $1.id }.map { ($0.id, $0.start) })) }
    }

    /// A partition that asks is read on until its backlog is full, unless nobody can answer for now.
    private func isHeld(_ state: PartitionState) -> Bool {
        state.phase == .asking ? state.backlog.isFull || schemaOutage != nil : state.phase != .running
    }

    /// What the worker holds that is not committed, for whoever checks the bounds.
    package var load: BackPressure.Load {
        BackPressure.Load(
            records: openLoad.records + (commit?.records ?? 0), bytes: openLoad.bytes + (commit?.bytes ?? 0))
    }

    package var rememberedKeys: Int64 { partitions.values.reduce(0) { $0 + Int64($1.seen.count) } }
}
