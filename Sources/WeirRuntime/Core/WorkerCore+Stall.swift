// A worker that has partitions with records in them and makes no progress: noticed, said, and healed by joining anew.

package import WeirKafka

extension WorkerCore {
    /// Partitions that are being read and have delivered nothing for long, with the offset that should come next.
    package func silentPartitions(at now: Moment) -> [TopicPartition: Int64] {
        guard revoking.isEmpty, !hasUnanswered, !mustRejoin, failure == nil else { return [:] }
        var silent: [TopicPartition: Int64] = [:]
        for (id, state) in partitions where state.phase == .running && state.isAssigned && !state.isPaused {
            if let next = state.next, now.monotonic - state.heardAt >= settings.stallAfter { silent[id] = next }
        }
        return silent
    }

    /// Others can read on where this worker hears nothing.
    ///
    /// - Parameter behind: offsets that are left, by partition.
    package func stalled(_ behind: [TopicPartition: Int64], at now: Moment) {
        self.now = now
        let silent = silentPartitions(at: now)
        let stalled = behind.filter { silent[$0.key] != nil }
        guard !stalled.isEmpty else { return }
        stalls += 1
        say(.stalled(stalled.keys.sorted(), behind: stalled.values.reduce(0, +)))
        abandon()
    }
}
