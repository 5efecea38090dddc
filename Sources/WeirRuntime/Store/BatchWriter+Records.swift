// What is kept of single records: keys, dead letters, conflicts, gaps; and the messages to publish.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirObserve
internal import WeirPostgres

extension BatchWriter {
    func sendKeys(_ part: BatchPart, _ pipeline: inout CommitPipeline) throws {
        func place(_ parameters: inout Parameters) {
            parameters.add(job.topology.name)
            parameters.add(part.id.topic)
            parameters.add(part.id.partition)
        }
        if !part.progress.newKeys.isEmpty {
            try pipeline.send(.seen) {
                CommitParameters.keys(of: part, topology: job.topology.name, at: now, into: &$0)
            }
        }
        if let since = part.mergeKeysSince {
            try pipeline.send(.mergeSeen) { parameters in
                place(&parameters)
                parameters.add(timestamp: since)
            }
        }
        if let horizon = part.expireBefore {
            try pipeline.send(.expireSeen) { parameters in
                place(&parameters)
                parameters.add(timestamp: horizon)
            }
        }
    }

    func sendDeadLetter(_ letter: DeadLetter, _ pipeline: inout CommitPipeline) throws {
        try pipeline.send(.deadLetter) { parameters in
            parameters.add(job.topology.name)
            parameters.add(Int32(job.topology.version))
            parameters.add(letter.source.topic)
            parameters.add(letter.source.partition)
            parameters.add(letter.offset)
            parameters.add(letter.reason.rawValue)
            parameters.add(letter.reason.errorClass)
            parameters.add(letter.reason.stage)
            parameters.add(letter.message)
            parameters.add(letter.organisation)
            parameters.add(letter.schemaID)
            parameters.add(timestamp: letter.microseconds)
            parameters.add(bytes: letter.key)
            parameters.add(bytes: letter.payload)
            parameters.addArray(.text, of: letter.headers) { $1.put($0.name) }
            parameters.addArray(.bytea, of: letter.headers) { header, writer in
                if let value = header.value { writer.put(value[...]) } else { writer.putNull() }
            }
            parameters.add(letter.replayCount)
            parameters.add(timestamp: letter.firstSeen(recordedAt: now))
            parameters.add(letter.replay?.of)
            parameters.add(letter.attempt)
        }
    }

    func sendConflictsAndGaps(_ batch: borrowing OpenBatch, _ pipeline: inout CommitPipeline) throws {
        if !batch.conflicts.isEmpty {
            let conflicts = batch.conflicts
            try pipeline.send(.conflict) { parameters in
                parameters.addArray(.text, of: conflicts) { $1.put($0.organisation) }
                parameters.addArray(.text, of: conflicts) { $1.put($0.idempotencyKey) }
                parameters.addArray(.text, of: conflicts) { $1.put($0.source.topic) }
                parameters.addArray(.int4, of: conflicts) { $1.put($0.source.partition) }
                parameters.addArray(.int8, of: conflicts) { $1.put($0.offset) }
                parameters.addArray(.bytea, of: conflicts) { $1.put($0.payload[...]) }
                parameters.add(job.topology.name)
            }
        }
        if !batch.gaps.isEmpty {
            let gaps = batch.gaps
            try pipeline.send(.gap) { parameters in
                parameters.addArray(.text, of: gaps) { $1.put($0.source.topic) }
                parameters.addArray(.int4, of: gaps) { $1.put($0.source.partition) }
                parameters.addArray(.int8, of: gaps) { $1.put($0.from) }
                parameters.addArray(.int8, of: gaps) { $1.put($0.to) }
                parameters.addArray(.text, of: gaps) { $1.put($0.cause.rawValue) }
                parameters.add(job.topology.name)
            }
        }
    }

    /// Writes what is to be published, one row for each partition.
    ///
    /// - Returns: the rows' contents; their ids are the answers, in this order.
    func sendOutbox(
        _ batch: borrowing OpenBatch, _ rows: [(delta: Int, row: UsageRow)], _ pipeline: inout CommitPipeline
    ) throws -> [(source: TopicPartition, list: [OutboxMessage])] {
        var bySlot = [[OutboxMessage]](repeating: [], count: batch.parts.count)
        if let topic = job.topology.outputs.topic {
            for (index, row) in rows {
                let delta = batch.meters.deltas[index]
                var message = row.message(
                    topic: topic, schemaID: job.outputSchemaID, topology: job.topology, into: &avro)
                if delta.trace >= 0 {
                    let trace = batch.traced[Int(delta.trace)].context
                    message.headers.append(KafkaHeader(TraceContext.header, trace.traceparent))
                }
                bySlot[Int(delta.partition)].append(message)
            }
        }
        for letter in batch.deadLetters {
            guard let slot = batch.parts.firstIndex(where: { $0.id == letter.source }) else { continue }
            bySlot[slot].append(letter.message(topology: job.topology, recordedAt: now))
        }
        for (source, record) in batch.diverted {
            guard let slot = batch.parts.firstIndex(where: { $0.id == source }) else { continue }
            bySlot[slot].append(record.overflow(of: source, topology: job.topology))
        }
        var messages: [(source: TopicPartition, list: [OutboxMessage])] = []
        for (slot, list) in bySlot.enumerated() where !list.isEmpty {
            let id = batch.parts[slot].id
            try pipeline.ask(.outbox) { parameters in
                parameters.add(job.topology.name)
                parameters.add(id.topic)
                parameters.add(id.partition)
                parameters.add(Int32(list.count))
                parameters.add(bytes: OutboxBatch.pack(list))
            }
            messages.append((id, list))
        }
        return messages
    }
}
