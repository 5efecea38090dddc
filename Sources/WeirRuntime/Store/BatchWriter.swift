// Writes a batch: every effect of it in one transaction, in the order that the protocol needs.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// BEGIN · weir.advance · [new unique members]  →  how many were new
/// usage upsert · keys · dead letters · conflicts · gaps · outbox deletes  →  totals and revisions
/// outbox insert · corrections · COMMIT
///
/// Used by one thread. After any error the session is to be dropped.
final class BatchWriter {
    struct Committed {
        var outbox: [StoredMessages]
        var parked: [ParkedRow]
        /// Usage rows written.
        var windows: Int
        var time: TransactionTime
    }

    let job: Job
    var avro = AvroWriter()
    /// Time of the commit: of its keys, and of its dead letters.
    var now: Int64 = 0

    init(job: Job) { self.job = job }

    /// - Throws: `PostgresError`, of which `isFenced` means that nothing was written and nothing ever will be;
    ///   `WeirError` if PostgreSQL answers what it was not asked.
    func write(_ batch: borrowing OpenBatch, session: DatabaseSession) throws -> Committed {
        now = WallClock.now()
        let begun = WallClock.monotonic()
        var pipeline = try CommitPipeline(session.connection)
        try pipeline.send("BEGIN")
        try sendAdvance(batch, &pipeline)
        let counts = try countMembers(batch, &pipeline)
        let usage = try sendUsage(batch, counts, &pipeline)
        for part in batch.parts { try sendKeys(part, &pipeline) }
        for letter in batch.deadLetters { try sendDeadLetter(letter, &pipeline) }
        try sendConflictsAndGaps(batch, &pipeline)
        if !batch.deleting.isEmpty {
            let ids = batch.deleting
            try pipeline.send(.deleteOutbox) { $0.addArray(.int8, of: ids) { $1.put($0) } }
        }
        try sendParking(batch, &pipeline)
        var stored: [StoredMessages] = []
        var parked: [ParkedRow] = []
        if !usage.isEmpty || !batch.deadLetters.isEmpty || !batch.parking.isEmpty || !batch.diverted.isEmpty {
            try pipeline.requestAnswers()
            let written = try readUsage(batch, usage, &pipeline)
            parked = try readParking(batch, &pipeline)
            let messages = try sendOutbox(batch, written.rows, &pipeline)
            try sendCorrections(batch, written, &pipeline)
            if !messages.isEmpty { try pipeline.requestAnswers() }
            for (source, list) in messages {
                let result = try pipeline.answer()
                stored.append(StoredMessages(id: result.int64(0, 0), source: source, messages: list))
            }
        }
        CrashPoint.reach(.insideTransaction)
        let end = try pipeline.commit()
        return Committed(
            outbox: stored, parked: parked, windows: batch.meters.deltas.count,
            time: TransactionTime(whole: WallClock.monotonic() - begun, end: end))
    }

    private func sendAdvance(_ batch: borrowing OpenBatch, _ pipeline: inout CommitPipeline) throws {
        let parts = batch.parts
        try pipeline.send(.advance) { parameters in
            parameters.add(job.topology.name)
            parameters.add(Int32(job.topology.version))
            parameters.addArray(.text, of: parts) { $1.put($0.id.topic) }
            parameters.addArray(.int4, of: parts) { $1.put($0.id.partition) }
            parameters.addArray(.int8, of: parts) { $1.put($0.epoch) }
            parameters.addArray(.int8, of: parts) { $1.put($0.sequence) }
            parameters.addArray(.int8, of: parts) { part, writer in
                if let from = part.progress.fromOffset { writer.put(from) } else { writer.putNull() }
            }
            for number: KeyPath<PartitionProgress, Int64> in [
                \.nextOffset, \.counted, \.duplicates, \.conflicts, \.deadLetters, \.late, \.skipped, \.parked,
                \.diverted,
            ] {
                parameters.addArray(.int8, of: parts) { $1.put($0.progress[keyPath: number]) }
            }
        }
    }

    /// Writes the members of unique meters and hears how many of each delta's were new.
    private func countMembers(_ batch: borrowing OpenBatch, _ pipeline: inout CommitPipeline) throws -> [Int32: Int64] {
        let members = batch.meters.members
        guard !members.isEmpty else { return [:] }
        let deltas = batch.meters.deltas
        try pipeline.ask(.members) { parameters in
            parameters.addArray(.uuid, of: members) { member, writer in
                writer.put(member.hash.high)
                writer.put(member.hash.low)
            }
            parameters.addArray(.timestamptz, of: members) { $1.put(timestamp: deltas[Int($0.delta)].windowEnd) }
        }
        try pipeline.requestAnswers()
        let result = try pipeline.answer()
        var counts: [Int32: Int64] = [:]
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
            counts[delta, default: 0] += 1
        }
        return counts
    }

    func meter(_ delta: UsageDelta) -> Meter { job.topology.meters[Int(delta.meter)] }

    func dimensions(_ batch: borrowing OpenBatch, _ delta: UsageDelta) -> [(name: String, value: String)] {
        batch.meters.dimensions(of: delta, names: meter(delta).groupBy)
    }
}
