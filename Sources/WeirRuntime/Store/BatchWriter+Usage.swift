// Usage rows: changes go in, totals and revisions come out.

internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

extension BatchWriter {
    /// What was sent and is to be answered, in this order.
    struct UsageSent {
        /// Deltas of windows that are closed already: their quantities before this commit are asked for.
        var late: [Int] = []
        /// Deltas of each upsert.
        var upserts: [ArraySlice<Int>] = []
        /// Totals are published, and told in corrections; otherwise nobody reads them, and they are not asked for.
        var hasTotals = true

        var isEmpty: Bool { upserts.isEmpty }
    }

    struct UsageWritten {
        var rows: [(delta: Int, row: UsageRow)] = []
        /// By delta, of late ones.
        var previous: [Int: Int128] = [:]
    }

    /// Of one upsert. Its parameters are a pass over the rows for each column: so many stay in a core's cache, and
    /// PostgreSQL writes them while the next are made.
    private static let mostRows = 1024

    func sendUsage(
        _ batch: borrowing OpenBatch, _ counts: [Int32: Int64], _ pipeline: inout CommitPipeline
    ) throws -> UsageSent {
        var sent = UsageSent()
        let deltas = batch.meters.deltas
        guard !deltas.isEmpty else { return sent }
        sent.late = deltas.indices.filter { deltas[$0].isLate }
        if !sent.late.isEmpty {
            let late = sent.late
            try pipeline.ask(.previous) { parameters in
                parameters.addArray(.text, of: late) { $1.put(batch.meters.organisation(deltas[$0].organisation)) }
                parameters.addArray(.text, of: late) { $1.put(meter(deltas[$0]).name) }
                parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: deltas[$0].windowStart) }
                parameters.addArray(.text, of: late) { $1.put(JSONText.compact(dimensions(batch, deltas[$0]))) }
            }
        }
        var upserts = [Array(deltas.indices)]
        if batch.meters.hasSharedWindows {
            // One statement may write a row only once.
            upserts = batch.parts.indices.map { slot in deltas.indices.filter { Int(deltas[$0].partition) == slot } }
        }
        sent.upserts = upserts.flatMap { all in
            stride(from: 0, to: all.count, by: Self.mostRows).map { all[$0..<min($0 + Self.mostRows, all.count)] }
        }
        sent.hasTotals = job.topology.outputs.topic != nil || !sent.late.isEmpty
        for indexes in sent.upserts {
            try pipeline.ask(sent.hasTotals ? .usage : .usageUnread) {
                CommitParameters.usage(batch, indexes, members: counts, of: job, into: &$0)
            }
        }
        return sent
    }

    func readUsage(
        _ batch: borrowing OpenBatch, _ sent: UsageSent, _ pipeline: inout CommitPipeline
    ) throws -> UsageWritten {
        var written = UsageWritten()
        if !sent.late.isEmpty {
            let result = try pipeline.answer()
            for row in 0..<result.count {
                // Number n of the rows is entry n of the list, from 1.
                let delta = sent.late[Int(result.int64(row, 0)) - 1]
                written.previous[delta] = result.numeric(row, 1, scale: UsageRow.scale)
            }
        }
        for indexes in sent.upserts {
            let result = try pipeline.answer()
            // A trigger may drop rows in silence.
            guard result.written == indexes.count else {
                throw WeirError(.bug, "\(indexes.count) usage rows were sent, \(result.written ?? 0) were written")
            }
            if sent.hasTotals { try readUpsert(batch, indexes, result, &written) }
        }
        return written
    }

    private func readUpsert(
        _ batch: borrowing OpenBatch, _ indexes: ArraySlice<Int>, _ result: borrowing ResultSet,
        _ written: inout UsageWritten
    ) throws {
        let publishes = job.topology.outputs.topic != nil
        for (number, index) in indexes.enumerated() {
            let delta = batch.meters.deltas[index]
            guard publishes || delta.isLate else { continue }
            let organisation = batch.meters.organisation(delta.organisation)
            guard result.isText(number, 0, equalTo: organisation), result.timestamp(number, 1) == delta.windowStart
            else {
                throw WeirError(.bug, "usage rows came back in another order than they were sent")
            }
            let source = batch.parts[Int(delta.partition)].id
            var provenance = [(source: source, first: result.int64(number, 7), last: result.int64(number, 8))]
            if !result.isNull(number, 9) { provenance += Provenance.parse(result.text(number, 9)) }
            written.rows.append(
                (
                    index,
                    UsageRow(
                        organisation: String(decoding: organisation, as: UTF8.self), meter: meter(delta).name,
                        windowStart: delta.windowStart, windowEnd: delta.windowEnd,
                        dimensions: dimensions(batch, delta), aggregate: delta.aggregate,
                        quantity: result.numeric(number, 2, scale: UsageRow.scale),
                        eventCount: result.int64(number, 3), revision: result.int64(number, 4),
                        firstEventAt: result.timestamp(number, 5), lastEventAt: result.timestamp(number, 6),
                        provenance: provenance)
                ))
        }
    }

    func sendCorrections(
        _ batch: borrowing OpenBatch, _ written: UsageWritten, _ pipeline: inout CommitPipeline
    ) throws {
        let deltas = batch.meters.deltas
        let parts = batch.parts
        let late = written.rows.filter { deltas[$0.delta].isLate }
        guard !late.isEmpty else { return }
        try pipeline.send(.correction) { parameters in
            parameters.addArray(.text, of: late) { $1.put($0.row.organisation) }
            parameters.addArray(.text, of: late) { $1.put($0.row.meter) }
            parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: $0.row.windowStart) }
            parameters.addArray(.timestamptz, of: late) { $1.put(timestamp: $0.row.windowEnd) }
            parameters.addArray(.text, of: late) { $1.put(JSONText.compact($0.row.dimensions)) }
            parameters.addArray(.numeric, of: late) {
                $1.put(numeric: written.previous[$0.delta] ?? 0, scale: UsageRow.scale)
            }
            parameters.addArray(.numeric, of: late) { $1.put(numeric: $0.row.quantity, scale: UsageRow.scale) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].eventCount) }
            parameters.addArray(.int8, of: late) { $1.put($0.row.revision) }
            parameters.addArray(.text, of: late) { $1.put(parts[Int(deltas[$0.delta].partition)].id.topic) }
            parameters.addArray(.int4, of: late) { $1.put(parts[Int(deltas[$0.delta].partition)].id.partition) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].firstOffset) }
            parameters.addArray(.int8, of: late) { $1.put(deltas[$0.delta].lastOffset) }
        }
    }
}
