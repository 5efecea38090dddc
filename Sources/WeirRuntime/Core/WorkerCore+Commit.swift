// The oldest open batch goes to PostgreSQL, and what comes back decides.

internal import WeirCore
internal import WeirKafka

/// A failure of PostgreSQL, as far as decisions go.
package struct StoreFailure: Error, Sendable, Equatable {
    package var message: String
    /// Trying again changes nothing: a missing table or right, a value that is refused.
    package var isPermanent: Bool
    /// The statement took longer than it may.
    package var isTimeout: Bool
    /// A newer version of the topology has changed its meters.
    package var isSuperseded: Bool
    /// What was asked for is gone: another worker owns the partition and has done it, or somebody deleted it by hand.
    package var isForeign: Bool

    package init(
        message: String, isPermanent: Bool, isTimeout: Bool, isSuperseded: Bool = false, isForeign: Bool = false
    ) {
        self.message = message
        self.isPermanent = isPermanent
        self.isTimeout = isTimeout
        self.isSuperseded = isSuperseded
        self.isForeign = isForeign
    }
}

extension WorkerCore {
    /// The batch in `slot`.
    struct Commit {
        var ticket: Int
        var state = CommitState.writing
        var attempt = 0
        /// Time-outs in a row.
        var timeouts = 0
        let states: [PartitionState]
        let nextOffsets: [Int64]
        let newKeys: [Bool]
        let records: Int
        let bytes: Int
        /// Records and batches that were open when it was handed over, itself among them.
        let openRecords: Int
        let openBatches: Int
        /// When its first record was taken.
        let openedAt: Int64
        let begunAt: Int64
    }

    /// So many time-outs of one batch, and it is given up and read again in smaller ones.
    static let mostTimeouts = 3

    /// True while PostgreSQL has a batch.
    package var isCommitting: Bool { commit != nil }

    /// When to look again at a commit that waits; nil if none does.
    package var commitDue: Int64? {
        guard case .waiting(let until) = commit?.state else { return nil }
        return until
    }

    // MARK: Beginning

    func beginCommit(drained: Bool, deleting: [Int64]) {
        guard commit == nil, let lane = oldestLane, !mustRejoin else { return }
        guard drained || isFull || now.monotonic - lane.pointee.openedAt >= settings.longestOpen else { return }
        guard publishBacklog < settings.longestBacklog || !revoking.isEmpty else { return }
        let states = lane.pointee.parts.map { partitions[$0.id] }
        var owned: [PartitionState] = []
        for (index, state) in states.enumerated() {
            guard let state, state.epoch == lane.pointee.parts[index].epoch else {
                // A partition that went took everything with it: this cannot be.
                let gone = lane.pointee.parts[index].id
                return fail(WeirError(.bug, "an open batch holds records of \(gone), which is gone"))
            }
            owned.append(state)
        }
        let others = othersOpen(beside: lane)
        if breaker.trips(records: lane.pointee.decided, letters: lane.pointee.deadLetters.count, open: others) {
            return tripBreaker(lane.pointee.deadLetters, others)
        }
        for (index, state) in owned.enumerated() {
            lane.pointee.close(
                index, load: state.open, sequence: state.sequence,
                mergeKeysSince: state.unmergedRows >= PartitionState.mergeRows
                    ? state.buckets.start(of: now.wall) : nil,
                expireBefore: state.newHorizon(at: now.wall))
            state.handedOver = lane.pointee.parts[index].progress.nextOffset
            state.committing = state.open
            state.open = BackPressure.Load()
            state.oldestCommitting = state.oldestOpen
            state.oldestOpen = PartitionState.none
            state.slot = -1
        }
        lane.pointee.deleting = deleting
        if isTracing { lane.pointee.trace = newBatchTrace() }
        commit = Commit(
            ticket: newTicket(), states: owned, nextOffsets: lane.pointee.parts.map(\.progress.nextOffset),
            newKeys: lane.pointee.parts.map { !$0.progress.newKeys.isEmpty }, records: lane.pointee.load.records,
            bytes: lane.pointee.load.bytes, openRecords: openLoad.records, openBatches: openBatches,
            openedAt: lane.pointee.openedAt, begunAt: now.monotonic)
        openLoad = openLoad - lane.pointee.load
        lane.pointee.meters.addMembers(to: &knownMembers)
        slot.exchange(&lane.pointee)
        lane.pointee.removeAll()
        emit(.write(ticket: lastTicket))
    }

    /// The one whose turn it is: that of the oldest record. Nil if nothing is open.
    private var oldestLane: Lane? {
        var oldest: Lane?
        for lane in lanes where !lane.pointee.isEmpty && lane.pointee.openedAt < oldest?.pointee.openedAt ?? .max {
            oldest = lane
        }
        return oldest
    }

    private func othersOpen(beside lane: Lane) -> (records: Int, letters: Int) {
        var sum = (records: 0, letters: 0)
        for other in lanes where other != lane {
            sum.records += other.pointee.decided
            sum.letters += other.pointee.deadLetters.count
        }
        return sum
    }

    private func tripBreaker(_ letters: [DeadLetter], _ others: (records: Int, letters: Int)) {
        let reasons = Dictionary(grouping: letters, by: \.reason)
            .sorted { ($0.value.count, $1.key.rawValue) > ($1.value.count, $0.key.rawValue) }
            .map { "\($0.value.count) \($0.key.rawValue)" }.joined(separator: ", ")
        let example =
            letters.first.map { "\n  the first of them, \($0.source)/\($0.offset): \($0.message)" } ?? ""
        fail(
            WeirError(
                .badData,
                """
                \(topology.name) stops: \(breaker.letters + others.letters) of the last \
                \(breaker.records + others.records) records are dead letters, more than \
                \(breaker.policy.deadLetterPercent) % (breaker.dead_letter_percent)
                  in the batch that was given up: \(reasons)\(example)
                """,
                advice: """
                    That batch was not written, its offsets have not moved. Mend the contract or the topology and start \
                    again; if the records are as bad as that, raise breaker.dead_letter_percent.
                    """))
    }

    func goOnWithCommit() {
        guard commit != nil else { return }
        perform(commit?.state.take(.time(now.monotonic)) ?? .none)
    }

    // MARK: Answers

    /// The transaction is in: its effects are there once, its messages are to be published.
    ///
    /// - Parameter time: what the transaction took; nil if that is not known.
    package func written(
        ticket: Int, windows: Int, outbox: [StoredMessages], parked: [ParkedRow] = [], time: TransactionTime?,
        at now: Moment
    ) {
        self.now = now
        guard commit?.ticket == ticket else { return }
        if commit?.state.take(.committed) == .done {
            finish(windows: windows, outbox: outbox, parked: parked, time)
        }
    }

    /// Somebody else owns a partition of the batch.
    package func fenced(ticket: Int, at now: Moment) {
        self.now = now
        guard commit?.ticket == ticket else { return }
        perform(commit?.state.take(.fenced) ?? .none)
    }

    /// A look found the batch not written, and its partitions still ours.
    package func pending(ticket: Int, at now: Moment) {
        self.now = now
        guard commit?.ticket == ticket else { return }
        perform(commit?.state.take(.pending) ?? .none)
    }

    package func commitFailed(_ failure: StoreFailure, ticket: Int, at now: Moment) {
        self.now = now
        guard var current = commit, current.ticket == ticket else { return }
        if failure.isSuperseded { return stopSuperseded(failure) }
        if failure.isPermanent {
            return fail(
                WeirError(
                    .bug, "PostgreSQL refuses a batch of \(topology.name): \(failure.message)",
                    advice: "No offset has moved. \(describe(current))"))
        }
        current.timeouts = failure.isTimeout ? current.timeouts + 1 : 0
        if current.timeouts >= Self.mostTimeouts {
            limit.timedOut(records: current.openRecords, at: now.monotonic)
            say(.batchTooLarge(records: current.openRecords, next: limit.records))
            return abandon()
        }
        let delay = settings.retry.delay(attempt: current.attempt, using: &dice)
        current.attempt += 1
        failedCommits += 1
        noteFailure(failure)
        _ = current.state.take(.failed(retryAt: now.monotonic + delay))
        commit = current
        say(.commitFailed(failure.message, attempt: current.attempt, retryIn: delay))
    }

    func stopSuperseded(_ failure: StoreFailure) {
        fail(
            WeirError(
                .unavailable, failure.message,
                advice:
                    "Run the newer version in place of this one; docs/operations.md, \"A new version of a topology\"."))
    }

    private func describe(_ commit: Commit) -> String {
        zip(commit.states, commit.nextOffsets)
            .map { state, next in "\(state.id) \(state.committed ?? 0)..<\(next)" }.joined(separator: ", ")
    }

    private func perform(_ step: CommitState.Step) {
        switch step {
        case .none, .done: break
        case .write: renewTicket { .write(ticket: $0) }
        case .look: renewTicket { .look(ticket: $0) }
        case .fenced:
            say(.fenced)
            abandon()
        }
    }

    /// A late answer to an earlier request must not count as one to this.
    private func renewTicket(_ command: (Int) -> Command) {
        let ticket = newTicket()
        commit?.ticket = ticket
        emit(command(ticket))
    }

    private func finish(windows: Int, outbox: [StoredMessages], parked: [ParkedRow], _ time: TransactionTime?) {
        guard let done = commit else { return }
        commit = nil
        noteSuccess()
        commitTime += now.monotonic - done.begunAt
        limit.committed(
            records: done.openRecords, in: (now.monotonic - done.begunAt) * Int64(done.openBatches),
            openedAt: done.openedAt, at: now.monotonic)
        if let time { laneCount.committed(time) }
        for (index, state) in done.states.enumerated() {
            state.committed = done.nextOffsets[index]
            state.sequence += 1
            state.committing = BackPressure.Load()
            state.oldestCommitting = PartitionState.none
            state.movedAt = now.wall
            if state.unmergedRows >= PartitionState.mergeRows { state.unmergedRows = 0 }
            if done.newKeys[index] { state.unmergedRows += 1 }
        }
        if knownMembers.count > settings.mostKnownMembers { knownMembers = KeyIndex(minimumCapacity: 64) }
        for row in parked { enqueue(row) }
        emit(.finished(windows: windows, outbox: outbox))
        // What is open is read again: waiting for it to be empty could take for ever.
        if done.states.contains(where: { $0.isPassedOver && $0.committed == $0.next }) { abandon() }
    }
}
