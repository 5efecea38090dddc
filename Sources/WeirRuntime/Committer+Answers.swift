// What a commit hears back, and what it sends once it knows: messages, corrections, COMMIT.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

extension Committer {
    func take(_ event: consuming PostgresConnection.PipelineEvent) throws -> Outcome? {
        switch consume event {
        case .failed(let error):
            if error.isFenced { return fence() }
            throw error
        case .skipped: throw PostgresError(sqlState: "25P02", message: "a statement was skipped")
        case .synced:
            let windows = batch.meters.deltas.count
            let committed = Committed(outbox: outbox, windows: windows)
            try session?.connection.endPipeline()
            phase = .idle
            reset()
            return .committed(committed)
        case .rows(let result):
            let answer = answers[nextAnswer]
            nextAnswer += 1
            switch answer {
            case .nothing: break
            case .members: try countMembers(result)
            case .previous(let late):
                for row in 0..<result.count {
                    let delta = late[Int(result.int64(row, 0)) - 1]
                    previousQuantities[delta] = result.numeric(row, 1, scale: UsageRow.scale)
                }
            case .usage(let indexes): try readUsage(result, indexes)
            case .outbox:
                let number = outbox.count
                outbox.append(
                    StoredMessages(
                        id: result.int64(0, 0), source: messages[number].source, messages: messages[number].list))
            case .commit:
                guard result.commandTag == "COMMIT" else {
                    throw PostgresError(sqlState: "25P02", message: "COMMIT became \(result.commandTag)")
                }
            }
            if nextAnswer == answers.count {
                if phase == .members {
                    try sendWrites()
                    unsent = try session?.connection.flush() ?? false
                } else if phase == .writes {
                    try sendCommit()
                    unsent = try session?.connection.flush() ?? false
                }
            }
            return nil
        }
    }

    private func countMembers(_ result: borrowing ResultSet) throws {
        var deltaOf: [Hash128: Int32] = [:]
        deltaOf.reserveCapacity(batch.meters.members.count)
        for member in batch.meters.members { deltaOf[member.hash] = member.delta }
        for row in 0..<result.count {
            let hash = result.withBytes(row, 0) { bytes in
                func word(_ from: Int) -> UInt64 {
                    UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: from, as: UInt64.self))
                }
                return Hash128(low: word(8), high: word(0))
            }
            guard let delta = deltaOf[hash] else {
                throw WeirError(.bug, "weir.member returned a member that was not inserted")
            }
            uniqueCounts[delta, default: 0] += 1
        }
    }

    private func readUsage(_ result: borrowing ResultSet, _ indexes: [Int]) throws {
        guard result.count == indexes.count else {
            throw WeirError(.bug, "\(indexes.count) usage rows were written, \(result.count) came back")
        }
        let publishes = job.topology.outputs.topic != nil
        for (number, index) in indexes.enumerated() {
            let delta = batch.meters.deltas[index]
            guard publishes || delta.isLate else { continue }
            let organisation = batch.meters.organisation(delta.organisation)
            guard result.isText(number, 0, equalTo: organisation), result.timestamp(number, 1) == delta.windowStart
            else {
                throw WeirError(.bug, "usage rows came back in another order than they were sent")
            }
            let source = batch.partitions[Int(delta.partition)].id
            var provenance = [(source: source, first: result.int64(number, 7), last: result.int64(number, 8))]
            if !result.isNull(number, 9) { provenance += Provenance.parse(result.text(number, 9)) }
            rows.append(
                (
                    index,
                    UsageRow(
                        organisation: String(decoding: organisation, as: UTF8.self), meter: meter(delta).name,
                        windowStart: delta.windowStart, windowEnd: delta.windowEnd, dimensions: dimensions(delta),
                        aggregate: delta.aggregate, quantity: result.numeric(number, 2, scale: UsageRow.scale),
                        eventCount: result.int64(number, 3), revision: result.int64(number, 4),
                        firstEventAt: result.timestamp(number, 5), lastEventAt: result.timestamp(number, 6),
                        provenance: provenance)
                ))
        }
    }

    func sendCommit() throws {
        let connection = try connection()
        try sendOutbox()
        let late = rows.filter { batch.meters.deltas[$0.delta].isLate }
        if !late.isEmpty { try sendCorrections(late) }
        try connection.send("COMMIT", Parameters())
        answers.append(.commit)
        try connection.sync()
        phase = .commit
    }

    private func sendOutbox() throws {
        var bySlot = [[OutboxMessage]](repeating: [], count: batch.partitions.count)
        if let topic = job.topology.outputs.topic {
            for (delta, row) in rows {
                bySlot[Int(batch.meters.deltas[delta].partition)].append(
                    row.message(
                        topic: topic, schemaID: job.outputSchemaID, topology: job.topology, into: &writer))
            }
        }
        for letter in batch.deadLetters {
            guard let slot = batch.partitions.firstIndex(where: { $0.id == letter.source }) else { continue }
            bySlot[slot].append(letter.message(topology: job.topology, recordedAt: now))
        }
        for (slot, list) in bySlot.enumerated() where !list.isEmpty {
            let id = batch.partitions[slot].id
            try send(.outbox, .outbox) { parameters in
                parameters.add(self.job.topology.name)
                parameters.add(id.topic)
                parameters.add(id.partition)
                parameters.add(Int32(list.count))
                parameters.add(bytes: OutboxBatch.pack(list))
            }
            messages.append((id, list))
        }
    }

    private func sendCorrections(_ late: [(delta: Int, row: UsageRow)]) throws {
        let deltas = batch.meters.deltas
        let partitions = batch.partitions
        try send(.correction) { parameters in
            parameters.addArray(.text, of: late) { $1.put($0.row.organisation) }
            parameters.addArray(.text, of: late) { $1.put($0.row.meter) }
            parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: $0.row.windowStart) }
            parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: $0.row.windowEnd) }
            parameters.addArray(.text, of: late) { $1.put(JSONText.compact($0.row.dimensions)) }
            parameters.addArray(.numeric, of: late) {
                $1.put(numeric: self.previousQuantities[$0.delta] ?? 0, scale: UsageRow.scale)
            }
            parameters.addArray(.numeric, of: late) { $1.put(numeric: $0.row.quantity, scale: UsageRow.scale) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].eventCount) }
            parameters.addArray(.int8, of: late) { $1.put($0.row.revision) }
            parameters.addArray(.text, of: late) { $1.put(partitions[Int(deltas[$0.delta].partition)].id.topic) }
            parameters.addArray(.int4, of: late) { $1.put(partitions[Int(deltas[$0.delta].partition)].id.partition) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].firstOffset) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].lastOffset) }
        }
    }
}
