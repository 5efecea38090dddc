// How the worker's partitions stand, in the words of those who look on.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirObserve

extension WorkerCore {
    /// Nothing is under way, and nothing comes due: only a record, the group or somebody else's news can change that,
    /// and each of them wakes the worker.
    package var isIdle: Bool {
        isEmpty && commit == nil && !hasCommands && claim == .none && !hasUnanswered && revoking.isEmpty
            && parked.isEmpty && schemaWaits.isEmpty && schemaOutage == nil && !mustRejoin
            && partitions.values.allSatisfy { $0.phase == .running && !$0.isPaused }
    }

    /// - Parameter owner: the worker, as in weir.partition.
    func holdings(owner: String) -> [(id: TopicPartition, holding: PartitionStatus.Holding)] {
        var waiting: [TopicPartition: PartitionStatus.Waiting] = [:]
        for (key, queue) in parked {
            let records = queue.entries.reduce(0) { $0 + $1.row.records }
            var own = waiting[key.source] ?? PartitionStatus.Waiting()
            switch key.cause {
            case .quota: own.quota += records
            case .schema: own.schema += records
            }
            own.since = [own.since, queue.entries.first?.row.parkedAt].compactMap { $0 }.min()
            waiting[key.source] = own
        }
        return partitions.values.map { state in
            var holding = PartitionStatus.Holding(
                phase: phase(of: state), owner: owner, epoch: state.epoch, committed: state.committed,
                oldestTaken: state.oldestTaken, movedAt: state.movedAt, keys: state.seen.count)
            holding.waiting = waiting[state.id] ?? PartitionStatus.Waiting()
            return (state.id, holding)
        }
    }

    private func phase(of state: PartitionState) -> PartitionPhase {
        switch state.phase {
        case .claiming: .claiming
        case .restoring: .restoring
        case .running: state.isPaused ? .paused : .running
        case .asking: .asking
        case .inspecting: .inspecting
        case .stopped: .stopped
        }
    }

    /// Organisations of which records wait for their quota, of every source.
    var delayedOrganisations: Int {
        Set(
            parked.keys.compactMap { key in
                if case .quota(let organisation) = key.cause {
                    Delayed(topic: key.source.topic, organisation: organisation)
                } else {
                    nil
                }
            }
        ).count
    }
}

private struct Delayed: Hashable {
    let topic: String
    let organisation: [UInt8]
}
