// What a commit sends: every effect of a batch, in the order that the protocol needs.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

extension Committer {
    func send(_ statement: Statement, _ answer: Answer = .nothing, _ fill: (inout Parameters) -> Void) throws {
        let connection = try connection()
        parameters.removeAll()
        fill(&parameters)
        try connection.send(prepared: statement.rawValue, parameters)
        answers.append(answer)
    }

    func send() throws {
        let connection = try connection()
        reset()
        now = WallClock.now()
        sentAt = WallClock.monotonic()
        try connection.beginPipeline()
        try connection.send("BEGIN", Parameters())
        answers.append(.nothing)
        if !batch.isEmpty {
            let progress = batch.progress
            let owners = batch.partitions
            try send(.advance) { parameters in
                parameters.add(self.job.topology.name)
                parameters.addArray(.text, of: owners) { $1.put($0.id.topic) }
                parameters.addArray(.int4, of: owners) { $1.put($0.id.partition) }
                parameters.addArray(.int8, of: owners) { $1.put($0.epoch) }
                parameters.addArray(.int8, of: progress) { progress, writer in
                    if let from = progress.fromOffset { writer.put(from) } else { writer.putNull() }
                }
                for number: KeyPath<PartitionProgress, Int64> in [
                    \.nextOffset, \.counted, \.duplicates, \.conflicts, \.deadLetters, \.late, \.skipped,
                ] {
                    parameters.addArray(.int8, of: progress) { $1.put($0[keyPath: number]) }
                }
            }
        }
        if batch.meters.members.isEmpty {
            try sendWrites()
        } else {
            let members = batch.meters.members
            let deltas = batch.meters.deltas
            try send(.members, .members) { parameters in
                parameters.addArray(.uuid, of: members) { member, writer in
                    writer.put(member.hash.high)
                    writer.put(member.hash.low)
                }
                parameters.addArray(.timestamptz, of: members) { $1.put(timestamp: deltas[Int($0.delta)].windowEnd) }
            }
            phase = .members
            try connection.requestResults()
        }
        unsent = try connection.flush()
    }

    func sendWrites() throws {
        let connection = try connection()
        try sendUsage()
        for (state, progress) in zip(batch.partitions, batch.progress) {
            try sendSeen(state, progress)
        }
        for letter in batch.deadLetters { try sendDeadLetter(letter) }
        if !batch.conflicts.isEmpty {
            let conflicts = batch.conflicts
            try send(.conflict) { parameters in
                parameters.addArray(.text, of: conflicts) { $1.put($0.organisation) }
                parameters.addArray(.text, of: conflicts) { $1.put($0.idempotencyKey) }
                parameters.addArray(.text, of: conflicts) { $1.put($0.source.topic) }
                parameters.addArray(.int4, of: conflicts) { $1.put($0.source.partition) }
                parameters.addArray(.int8, of: conflicts) { $1.put($0.offset) }
                parameters.addArray(.bytea, of: conflicts) { $1.put($0.payload[...]) }
                parameters.add(self.job.topology.name)
            }
        }
        if !batch.gaps.isEmpty {
            let gaps = batch.gaps
            try send(.gap) { parameters in
                parameters.addArray(.text, of: gaps) { $1.put($0.source.topic) }
                parameters.addArray(.int4, of: gaps) { $1.put($0.source.partition) }
                parameters.addArray(.int8, of: gaps) { $1.put($0.from) }
                parameters.addArray(.int8, of: gaps) { $1.put($0.to) }
                parameters.add(self.job.topology.name)
            }
        }
        if !deleting.isEmpty {
            let ids = deleting
            try send(.deleteOutbox) { $0.addArray(.int8, of: ids) { $1.put($0) } }
        }
        phase = .writes
        if batch.meters.isEmpty && batch.deadLetters.isEmpty {
            // Nothing to publish, so nothing to wait for.
            return try sendCommit()
        }
        try connection.requestResults()
    }

    private func sendUsage() throws {
        let deltas = batch.meters.deltas
        guard !deltas.isEmpty else { return }
        let late = deltas.indices.filter { deltas[$0].isLate }
        if !late.isEmpty {
            try send(.previous, .previous(late)) { parameters in
                parameters.addArray(.text, of: late) { $1.put(self.batch.meters.organisation(deltas[$0].organisation)) }
                parameters.addArray(.text, of: late) { $1.put(self.meter(deltas[$0]).name) }
                parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: deltas[$0].windowStart) }
                parameters.addArray(.text, of: late) { $1.put(JSONText.compact(self.dimensions(deltas[$0]))) }
            }
        }
        if batch.meters.hasSharedWindows {
            // One statement may write a row only once.
            for slot in batch.partitions.indices {
                let own = deltas.indices.filter { Int(deltas[$0].partition) == slot }
                if !own.isEmpty { try sendUsage(own) }
            }
        } else {
            try sendUsage(Array(deltas.indices))
        }
    }

    private func sendUsage(_ indexes: [Int]) throws {
        let deltas = batch.meters.deltas
        let partitions = batch.partitions
        try send(.usage, .usage(indexes)) { parameters in
            parameters.addArray(.text, of: indexes) { $1.put(self.batch.meters.organisation(deltas[$0].organisation)) }
            parameters.addArray(.text, of: indexes) { $1.put(self.meter(deltas[$0]).name) }
            parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].windowStart) }
            parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].windowEnd) }
            parameters.addArray(.text, of: indexes) { $1.put(JSONText.compact(self.dimensions(deltas[$0]))) }
            parameters.addArray(.text, of: indexes) { $1.put(deltas[$0].aggregate.rawValue) }
            parameters.addArray(.numeric, of: indexes) { index, writer in
                let delta = deltas[index]
                let quantity =
                    delta.aggregate == .unique ? Int128(self.uniqueCounts[Int32(index)] ?? 0) : delta.quantity
                writer.put(numeric: quantity, scale: self.job.scales[Int(delta.meter)])
            }
            parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].eventCount) }
            parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].firstEventAt) }
            parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].lastEventAt) }
            parameters.addArray(.text, of: indexes) { $1.put(partitions[Int(deltas[$0].partition)].id.topic) }
            parameters.addArray(.int4, of: indexes) { $1.put(partitions[Int(deltas[$0].partition)].id.partition) }
            parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].firstOffset) }
            parameters.add(self.job.topology.name)
            parameters.add(Int32(self.job.topology.version))
            parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].lastOffset) }
        }
    }

    private func sendSeen(_ state: PartitionState, _ progress: PartitionProgress) throws {
        let job = job
        func place(_ parameters: inout Parameters) {
            parameters.add(job.topology.name)
            parameters.add(state.id.topic)
            parameters.add(state.id.partition)
        }
        if !progress.newKeys.isEmpty {
            let now = now
            try send(.seen) { parameters in
                place(&parameters)
                parameters.add(progress.fromOffset ?? 0)
                parameters.add(timestamp: now)
                parameters.add(Int32(progress.newKeys.count))
                SeenKeys.store(progress.newKeys) { parameters.add(raw: $0) }
            }
        }
        if state.unmergedRows >= PartitionState.mergeRows {
            try send(.mergeSeen) { parameters in
                place(&parameters)
                parameters.add(timestamp: state.buckets.start(of: self.now))
            }
        }
        if let horizon = state.expireBefore {
            try send(.expireSeen) { parameters in
                place(&parameters)
                parameters.add(timestamp: horizon)
            }
        }
    }

    private func sendDeadLetter(_ letter: DeadLetter) throws {
        try send(.deadLetter) { parameters in
            parameters.add(self.job.topology.name)
            parameters.add(Int32(self.job.topology.version))
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
            parameters.add(timestamp: letter.firstSeen(recordedAt: self.now))
            parameters.add(letter.replay?.of)
        }
    }

    func meter(_ delta: UsageDelta) -> Meter { job.topology.meters[Int(delta.meter)] }

    func dimensions(_ delta: UsageDelta) -> [(name: String, value: String)] {
        batch.meters.dimensions(of: delta, names: meter(delta).groupBy)
    }
}
