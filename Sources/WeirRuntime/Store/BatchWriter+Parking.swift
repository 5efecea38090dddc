// Records that are put aside, and the end of those that were fetched again.

internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

extension BatchWriter {
    func sendParking(_ batch: borrowing OpenBatch, _ pipeline: inout CommitPipeline) throws {
        if !batch.unparked.isEmpty {
            let ids = batch.unparked
            try pipeline.send(.deleteParked) { $0.addArray(.int8, of: ids) { $1.put($0) } }
        }
        for row in batch.parking {
            try pipeline.ask(.park) { parameters in
                parameters.add(job.topology.name)
                parameters.add(row.source.topic)
                parameters.add(row.source.partition)
                switch row.cause {
                case .schema(let id):
                    parameters.add("schema")
                    parameters.add(String?.none)
                    parameters.add(id)
                case .quota(let organisation):
                    parameters.add("quota")
                    parameters.add(String(decoding: organisation, as: UTF8.self))
                    parameters.add(Int32?.none)
                }
                parameters.add(row.records.first?.offset)
                parameters.add(row.records.last?.offset)
                parameters.add(Int32(row.records.count))
                parameters.add(Int64(row.bytes))
                parameters.add(bytes: ParkedRecords.pack(row.records))
            }
        }
    }

    func readParking(_ batch: borrowing OpenBatch, _ pipeline: inout CommitPipeline) throws -> [ParkedRow] {
        var rows: [ParkedRow] = []
        for row in batch.parking {
            let result = try pipeline.answer()
            rows.append(
                ParkedRow(
                    id: result.int64(0, 0), source: row.source, cause: row.cause, records: row.records.count,
                    bytes: row.bytes, parkedAt: result.timestamp(0, 1), waited: 0))
        }
        return rows
    }
}

extension HeldRecord {
    /// The record for `<topic>.overflow`: as it came, and from where.
    func overflow(of source: TopicPartition, topology: Topology) -> OutboxMessage {
        OutboxMessage(
            topic: source.topic + ".overflow", key: hasKey ? key.copy() : nil,
            payload: hasPayload ? payload.copy() : nil,
            headers: headers + [
                KafkaHeader("weir.overflow.topology", topology.name),
                KafkaHeader("weir.overflow.topic", source.topic),
                KafkaHeader("weir.overflow.partition", String(source.partition)),
                KafkaHeader("weir.overflow.offset", String(offset)),
                KafkaHeader("weir.overflow.timestamp", String(timestamp)),
                KafkaHeader("idempotency-key", "\(topology.name)/\(source)/\(offset)"),
            ])
    }
}
