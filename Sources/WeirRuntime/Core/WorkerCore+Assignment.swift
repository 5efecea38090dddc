// Partitions come and go: claimed, restored, started, settled, given up, lost.

package import WeirCore
package import WeirKafka

/// Reads one partition back; answered by `restored` with the same epoch.
package struct RestoreOrder: Sendable {
    package let id: TopicPartition
    package let epoch: Int64
    package let retention: TimeSpan
}

extension WorkerCore {
    enum ClaimState: Equatable {
        case none
        case asked(ticket: Int)
        case retry(at: Int64)
    }

    /// The group waits for an answer to what it gave.
    package var isUnanswered: Bool { hasUnanswered }

    // MARK: The group's events

    /// The group gave these; it waits until a command `.assign` answers. Nothing needs no answer.
    package func assigned(_ list: [TopicPartition], at now: Moment) {
        self.now = now
        forgetLastState()
        hasUnanswered = true
        for id in list {
            guard let source = topology.sources.firstIndex(where: { $0.topic == id.topic }) else { continue }
            partitions[id] = PartitionState(
                id: id, source: source, reader: readers[source], book: books[source],
                buckets: RetentionBuckets(
                    retention: topology.sources[source].idempotency.retention, now: now.wall), lane: lanes[0],
                at: now.wall)
            unanswered.insert(id)
        }
        guard !unanswered.isEmpty else {
            hasUnanswered = false
            return
        }
        claimAttempt = 0
        askForClaim()
    }

    /// The group takes these away once `finishRevoke` is called, which is when `isSettling` has become false.
    package func revoke(_ list: [TopicPartition], at now: Moment) {
        self.now = now
        forgetLastState()
        for id in list {
            unanswered.remove(id)
            // Nothing was read of it yet.
            if let state = partitions[id], !state.isAssigned {
                forgetParked(of: id, state.book)
                partitions[id] = nil
            }
        }
        if unanswered.isEmpty { hasUnanswered = false }
        if failure != nil || mustRejoin { dropEverything() }
        revoking = list
        settleBy = now.monotonic + settings.settleTime
    }

    /// Partitions are about to go. Until they have, nothing more is taken in: what has settled stays settled.
    var isGivingUp: Bool { !revoking.isEmpty }

    /// What was read is still being committed: before partitions go, their finished prefix is.
    package var isSettling: Bool { isGivingUp && (commit != nil || !isEmpty) }

    package func finishRevoke() {
        let paused = revoking.filter { partitions[$0]?.isPaused == true }
        if !paused.isEmpty { emit(.unpause(paused.sorted())) }
        release(revoking)
        revoking = []
        settleBy = .max
    }

    /// These were taken away already: nothing of them may be committed any more. Other partitions' share
    /// of the batch goes with it and is read again.
    package func lost(_ list: [TopicPartition], at now: Moment) {
        self.now = now
        say(.lost(list.sorted()))
        for id in list { unanswered.remove(id) }
        abandon()
        release(list)
    }

    private func release(_ list: [TopicPartition]) {
        for id in list {
            if let state = partitions.removeValue(forKey: id) { forgetParked(of: id, state.book) }
            held[id] = nil
        }
        guard !list.isEmpty else { return }
        emit(.released(list))
        say(.gaveUp(list.sorted()))
    }

    // MARK: Claims

    private func askForClaim() {
        guard case .asked = claim else {
            let wanted = partitions.values.filter { $0.phase == .claiming }.map(\.id).sorted()
            guard !wanted.isEmpty else {
                claim = .none
                return answerIfReady()
            }
            let ticket = newTicket()
            claim = .asked(ticket: ticket)
            return emit(.claim(wanted, ticket: ticket))
        }
    }

    func retryClaim() {
        if case .retry(let at) = claim, now.monotonic >= at { askForClaim() }
    }

    /// The epochs are raised: nobody else can commit for these partitions any more.
    package func claimed(_ claims: [Claim], ticket: Int, at now: Moment) {
        self.now = now
        guard claim == .asked(ticket: ticket) else { return }
        claim = .none
        claimAttempt = 0
        noteSuccess()
        for claim in claims {
            guard let state = partitions[claim.id], state.phase == .claiming else { continue }
            state.claim(claim)
            restore(state)
        }
        answerBy = now.monotonic + settings.longestAnswer
        // More may have been given meanwhile.
        askForClaim()
    }

    package func claimFailed(_ failure: StoreFailure, ticket: Int, at now: Moment) {
        self.now = now
        guard claim == .asked(ticket: ticket) else { return }
        if failure.isSuperseded { return stopSuperseded(failure) }
        if failure.isPermanent {
            return fail(WeirError(.bug, "taking over partitions of \(topology.name): \(failure.message)"))
        }
        let delay = settings.retry.delay(attempt: claimAttempt, using: &dice)
        claimAttempt += 1
        noteFailure(failure)
        claim = .retry(at: now.monotonic + delay)
        say(.claimFailed(failure.message, retryIn: delay))
    }

    // MARK: Restoring

    private func restore(_ state: PartitionState) {
        state.restoreAt = nil
        emit(
            .restore(
                RestoreOrder(
                    id: state.id, epoch: state.epoch,
                    retention: topology.sources[state.source].idempotency.retention)))
    }

    func retryRestores() {
        let due = partitions.values.filter { state in
            state.phase == .restoring && state.restoreAt.map { now.monotonic >= $0 } ?? false
        }
        // In the order of their names: a dictionary's own order changes from process to process.
        for state in due.sorted(by: { $0.id < $1.id }) { restore(state) }
    }

    /// A partition's keys are here; its reading begins.
    package func restored(_ partition: consuming RestoredPartition, at now: Moment) {
        self.now = now
        guard let state = partitions[partition.id], state.phase == .restoring, state.epoch == partition.epoch else {
            return
        }
        state.unmergedRows = partition.rows
        state.buckets = partition.buckets
        let outbox = partition.outbox
        state.seen = partition.takeKeys()
        state.phase = .running
        adopt(partition.parked)
        if !outbox.isEmpty { emit(.publish(outbox)) }
        say(.restored(state.id, keys: state.seen.count, unpublished: outbox.count, nextOffset: state.committed))
        answerIfReady()
    }

    package func restoreFailed(_ failure: StoreFailure, _ id: TopicPartition, epoch: Int64, at now: Moment) {
        self.now = now
        guard let state = partitions[id], state.phase == .restoring, state.epoch == epoch else { return }
        if failure.isPermanent {
            return fail(WeirError(.bug, "reading back the state of \(id): \(failure.message)"))
        }
        let delay = settings.retry.delay(attempt: state.restoreAttempt, using: &dice)
        state.restoreAttempt += 1
        noteFailure(failure)
        state.restoreAt = now.monotonic + delay
        say(.restoreFailed(id, failure.message, retryIn: delay))
    }

    // MARK: The answer

    /// Answers once every partition's offset is known, and their keys are here or are taking long.
    func answerIfReady() {
        guard hasUnanswered, claim == .none, !partitions.values.contains(where: { $0.phase == .claiming }) else {
            return
        }
        let states = unanswered.compactMap { partitions[$0] }
        guard now.monotonic >= answerBy || !states.contains(where: { $0.phase == .restoring }) else { return }
        answer(states.sorted { $0.id < $1.id })
    }

    private func answer(_ states: [PartitionState]) {
        hasUnanswered = false
        unanswered = []
        answerBy = .max
        for state in states {
            state.isAssigned = true
            state.heardAt = now.monotonic
        }
        if !states.isEmpty {
            say(
                .tookOver(
                    states.map(\.id), keys: states.reduce(0) { $0 + $1.seen.count },
                    restoring: states.count { $0.phase == .restoring }))
        }
        emit(.assign(states.map { ($0.id, $0.start) }))
        applyPressure()
    }
}
