// Offsets that do not follow each other: found always, explained by the log's own rules, or a reason to stop.

internal import WeirCore
package import WeirKafka

/// Offsets that did not come, to be looked for in the log.
package struct Inspection: Sendable, Equatable {
    package let id: TopicPartition
    package let from: Int64
    /// The offset that came instead; nil if the broker said that it does not have `from`.
    package let to: Int64?
}

/// What a look at the log found.
package enum GapVerdict: Sendable, Equatable {
    /// The log has no records there, and by its own rules need not have: transaction markers, aborted
    /// transactions, compaction.
    case explained(GapCause)
    /// The log has them. The client passed over them; nothing is lost if they are read again.
    case present
    /// The log had them and has them no more. Reading could go on at the offset; nil if it never went so far.
    case lost(String, resumeAt: Int64?)
    /// The broker gave no answer.
    case unknown(String)
}

package enum GapCause: String, Sendable {
    case markers, aborted, compaction, lost
}

extension WorkerCore {
    /// True if the record behind a gap may be taken at once.
    @inline(never)
    func passes(
        gap from: Int64, _ to: Int64, _ state: PartitionState, _ record: borrowing some IncomingRecord & ~Copyable
    ) -> Bool {
        if holedTopics.contains(state.id.topic), to - from <= settings.longestHole {
            note(gap: state, from: from, to: to, .markers)
            return true
        }
        held[state.id] = HeldRecord(record)
        inspect(state, to: to)
        return false
    }

    /// The broker does not hold the offset that is next.
    package func outOfRange(_ id: TopicPartition, at now: Moment) {
        self.now = now
        guard let state = partitions[id], state.phase == .running else { return }
        // Nothing was read of it yet, so nothing is missing: begin again with what the log has now.
        guard state.next != nil else { return abandon() }
        inspect(state, to: nil)
    }

    private func inspect(_ state: PartitionState, to: Int64?) {
        state.phase = .inspecting
        forgetLastState()
        applyPressure()
        emit(.inspect(Inspection(id: state.id, from: state.next ?? 0, to: to)))
    }

    package func inspected(_ inspection: Inspection, _ verdict: GapVerdict, at now: Moment) {
        self.now = now
        guard let state = partitions[inspection.id], state.phase == .inspecting, state.next ?? 0 == inspection.from
        else { return }
        switch verdict {
        case .unknown(let words):
            say(.cannotInspect(inspection.id, words))
            emit(.inspect(inspection))
        case .present:
            say(.clientSkipped(inspection.id, from: inspection.from, to: inspection.to))
            abandon()
        case .explained(let cause):
            holedTopics.insert(inspection.id.topic)
            goOn(state, behind: inspection, cause)
        case .lost(let words, let resumeAt):
            let continues = topology.sources[state.source].onGap == .continue
            guard continues, let resumeAt else {
                state.phase = .stopped
                held[state.id] = nil
                say(.stopped(inspection.id, at: inspection.from, words, couldContinue: resumeAt != nil))
                return
            }
            say(.passedOver(inspection.id, from: inspection.from, to: resumeAt, words))
            if inspection.to != nil { return goOn(state, behind: inspection, .lost) }
            // librdkafka has given the partition up: what it missed is committed, and read on from there
            // by whoever takes it over.
            state.phase = .running
            note(gap: state, from: inspection.from, to: resumeAt, .lost)
            state.lane.pointee.withProgress(state.slot) { progress, _ in progress.nextOffset = resumeAt }
            state.next = resumeAt
            state.phase = .inspecting
            state.isPassedOver = true
        }
    }

    /// The record behind the gap is taken, and reading goes on.
    private func goOn(_ state: PartitionState, behind inspection: Inspection, _ cause: GapCause) {
        guard let to = inspection.to, let record = held.removeValue(forKey: state.id) else { return }
        state.phase = .running
        note(gap: state, from: inspection.from, to: to, cause)
        state.next = to
        take(record)
        applyPressure()
    }

    private func note(gap state: PartitionState, from: Int64, to: Int64, _ cause: GapCause) {
        let slot = slot(of: state, nextOffset: from)
        state.lane.pointee.withProgress(slot) { progress, _ in progress.skipped += to - from }
        state.lane.pointee.gaps.append(Gap(source: state.id, from: from, to: to, cause: cause))
        // Every transaction leaves a marker: one line a minute says as much as ten a second.
        if let before = state.gapLoggedAt, now.monotonic - before <= 60_000_000 { return }
        state.gapLoggedAt = now.monotonic
        say(.gap(state.id, from: from, to: to, cause))
    }
}
