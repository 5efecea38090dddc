// A lag report as a message of `slo.lag.v1`, in Avro.

internal import WeirAvro
internal import WeirCore
package import WeirObserve

extension LagReport {
    /// Field names and order that `payload` writes; the contract in `schemas/` must agree.
    package static let contract = [
        "org_id", "idempotency_key", "topology", "source_topic", "source_partition", "minute", "began_at", "covered_ms",
        "overdue_ms", "records", "good", "line_us", "target_ppm", "p50_us", "p99_us", "max_us", "oldest_waiting_us",
        "owner", "epoch",
    ]

    /// Of the Kafka record. All reports of a topology are in one partition, where their keys are remembered.
    package var key: [UInt8] { Array(topology.utf8) }

    /// Framed by the schema's id.
    package func payload(schemaID: Int32) -> [UInt8] {
        var writer = AvroWriter(reserving: 512)
        ConfluentFrame.writeHeader(schemaID: schemaID, into: &writer)
        func optional(_ value: Int64?) {
            writer.writeUnionIndex(value == nil ? 0 : 1)
            if let value { writer.writeLong(value) }
        }
        writer.writeString(topology)
        writer.writeString(idempotencyKey)
        writer.writeString(topology)
        writer.writeString(topic)
        writer.writeInt(partition)
        writer.writeLong(minute)
        writer.writeLong(beganAt)
        writer.writeLong(covered)
        writer.writeLong(overdue)
        writer.writeLong(Int64(tally.total))
        writer.writeLong(Int64(tally.good))
        writer.writeLong(line)
        writer.writeInt(Int32(target))
        optional((lag?.half).map { Int64($0) })
        optional((lag?.most).map { Int64($0) })
        optional((lag?.longest).map { Int64($0) })
        optional(oldest)
        writer.writeString(owner)
        writer.writeLong(epoch)
        return writer.bytes
    }
}
