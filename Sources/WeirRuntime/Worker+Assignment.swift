// A worker and its group: taking partitions over, giving them up, and losing them.

internal import Logging
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

extension Worker {
    func takeOver(_ consumer: KafkaConsumer) throws {
        // Its session is the committer's: first let the commit under way finish.
        guard committer.phase == .idle else { return }
        do {
            let session = try committer.openSession()
            let assignment = try Assignment.take(wanted, job: job, owner: owner, session: session)
            rejoinOnError {
                try consumer.assign(
                    assignment.partitions.map { ($0.id, $0.committed.map { .at($0) } ?? .earliest) })
            }
            for state in assignment.partitions { partitions[state.id] = state }
            for stored in assignment.outbox { publisher.add(stored) }
            forgetLastState()
            wanted = []
            takeOverAttempt = 0
            logger.info(
                "took over partitions",
                metadata: [
                    "partitions":
                        "\(assignment.partitions.map(\.id).sorted().map(\.description).joined(separator: " "))",
                    "restored_keys": "\(assignment.restoredKeys)", "unpublished": "\(assignment.outbox.count)",
                ])
            status.update { $0.partitions = partitions.count }
        } catch let error as PostgresError {
            committer.dropSession()
            if error.isPermanent {
                throw WeirError(.bug, "taking over partitions of \(job.topology.name): \(error)")
            }
            let delay = Backoff.delay(attempt: takeOverAttempt)
            takeOverAttempt += 1
            takeOverAt = WallClock.monotonic() + delay
            logger.warning("taking over partitions failed, will be tried again", metadata: ["error": "\(error)"])
        }
    }

    func rebalance(_ event: Rebalance) {
        forgetLastState()
        quietUntil = WallClock.monotonic() + 10_000_000
        switch event {
        case .assigned(let list):
            wanted += list
            takeOverAt = 0
            // Also nothing is an assignment, and waits for its answer.
            if wanted.isEmpty, let consumer { rejoinOnError { try consumer.assign([]) } }
        case .revoked(let list):
            wanted.removeAll { list.contains($0) }
            if failure == nil, !mustRejoin {
                settle()
                // The next owner would publish them, too, but at the end of the last worker there is none.
                finishPublishing()
            } else {
                dropEverything()
            }
            // A pause outlives the assignment inside librdkafka.
            let resuming = paused.filter { list.contains($0) }
            if !resuming.isEmpty, let consumer { rejoinOnError { try consumer.resume(resuming) } }
            paused.removeAll { list.contains($0) }
            release(list)
        case .lost(let list):
            logger.warning("lost partitions: the group stopped hearing from this worker")
            wanted.removeAll { list.contains($0) }
            // Other partitions' share of the batch is lost with it: read it again.
            dropEverything()
            mustRejoin = true
            release(list)
        }
    }

    func release(_ list: [TopicPartition]) {
        for id in list { partitions[id] = nil }
        publisher.drop(list)
        status.update { $0.partitions = partitions.count }
        if !list.isEmpty {
            logger.info(
                "gave up partitions",
                metadata: ["partitions": "\(list.sorted().map(\.description).joined(separator: " "))"])
        }
    }

    /// Commits all that was read, before partitions go. Runs inside a rebalance, so it has a deadline;
    /// what does not make it is read again by the next owner.
    func settle() {
        let deadline = WallClock.monotonic() + Self.settleTime
        do {
            while committer.phase != .idle || !open.isEmpty {
                guard WallClock.monotonic() < deadline else {
                    logger.warning("the last batch was not committed in time; it will be read again")
                    dropEverything()
                    mustRejoin = true
                    return
                }
                switch try committer.work() {
                case .committed(let committed): finish(committed)
                case .fenced:
                    abandonToNewOwner()
                    return
                case nil: break
                }
                if committer.phase == .idle, !open.isEmpty { try begin() } else if committer.phase != .idle { wait() }
                publisher.work()
            }
        } catch {
            dropEverything()
            failure = error
        }
    }

    func abandonToNewOwner() {
        logger.warning("another worker owns a partition of this batch: nothing was written, joining anew")
        dropEverything()
        mustRejoin = true
    }

    /// Forgets all state of all partitions; what was not committed will be read again by somebody.
    func dropEverything() {
        committer.abandon()
        publisher.drop(Array(partitions.keys))
        open.removeAll()
        partitions.removeAll()
        knownMembers = KeyIndex()
        forgetLastState()
        paused = []
        fullSince = nil
    }

    /// What is not acknowledged in time stays in the outbox for the next owner.
    func finishPublishing() {
        let deadline = WallClock.monotonic() + Self.settleTime
        publisher.isLeaving = true
        defer { publisher.isLeaving = false }
        while !publisher.isIdle, WallClock.monotonic() < deadline {
            publisher.work()
            waker.wait(other: nil, milliseconds: 10)
        }
        guard !publisher.done.isEmpty, let session = committer.idleSession else { return }
        var parameters = Parameters()
        parameters.addArray(.int8, of: publisher.done) { $1.put($0) }
        do {
            try session.connection.query(Statement.deleteOutbox.sql(table: ""), parameters)
            publisher.forget(publisher.done)
        } catch {
            logger.warning(
                "published messages stay in the outbox and will be published again", metadata: ["error": "\(error)"])
        }
    }
}
