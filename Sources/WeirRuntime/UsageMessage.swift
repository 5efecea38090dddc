// One message of billing.usage.v1: a window's total after a commit, in Avro.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka

/// A usage row as the commit left it.
struct UsageRow {
    var organisation: String
    var meter: String
    var windowStart: Int64
    var windowEnd: Int64
    var dimensions: [(name: String, value: String)]
    var aggregate: Aggregate
    /// In millionths.
    var quantity: Int128
    var eventCount: Int64
    var revision: Int64
    var firstEventAt: Int64
    var lastEventAt: Int64
    var provenance: [(source: TopicPartition, first: Int64, last: Int64)]

    /// Decimals of `quantity` in the table and in the contract.
    static let scale = 6

    /// Field names and order that `encode` writes; the contract in `schemas/` must agree.
    static let contract = [
        "org_id", "meter", "window_start", "window_end", "dimensions", "aggregate", "quantity", "event_count",
        "revision", "first_event_at", "last_event_at", "provenance", "topology", "topology_version",
    ]

    /// Names the window: the newest revision of a key wins, so the topic may be compacted.
    var key: String {
        let start = Timestamp(microseconds: windowStart)
        return "\(organisation)|\(meter)|\(start)" + (dimensions.isEmpty ? "" : "|" + JSONText.compact(dimensions))
    }

    func message(topic: String, schemaID: Int32, topology: Topology, into writer: inout AvroWriter) -> OutboxMessage {
        writer.removeAll()
        ConfluentFrame.writeHeader(schemaID: schemaID, into: &writer)
        writer.writeString(organisation)
        writer.writeString(meter)
        writer.writeLong(windowStart)
        writer.writeLong(windowEnd)
        if !dimensions.isEmpty { writer.writeBlockCount(dimensions.count) }
        for (name, value) in dimensions {
            writer.writeString(name)
            writer.writeString(value)
        }
        writer.writeBlockEnd()
        writer.writeString(aggregate.rawValue)
        writer.writeDecimal(quantity)
        writer.writeLong(eventCount)
        writer.writeLong(revision)
        writer.writeLong(firstEventAt)
        writer.writeLong(lastEventAt)
        writer.writeBlockCount(provenance.count)
        for part in provenance {
            writer.writeString(part.source.topic)
            writer.writeInt(part.source.partition)
            writer.writeLong(part.first)
            writer.writeLong(part.last)
        }
        writer.writeBlockEnd()
        writer.writeString(topology.name)
        writer.writeInt(Int32(topology.version))
        let key = key
        return OutboxMessage(
            topic: topic, key: Array(key.utf8), payload: writer.bytes,
            headers: [KafkaHeader("idempotency-key", "\(topology.outputs.table)|\(key)@\(revision)")])
    }
}
