// One message of billing.usage.v1: a window's total after a commit, in Avro.

package import WeirAvro
package import WeirCore
package import WeirKafka

/// A usage row as the commit left it.
package struct UsageRow {
    package var organisation: String
    package var meter: String
    package var windowStart: Int64
    package var windowEnd: Int64
    package var dimensions: [(name: String, value: String)]
    package var aggregate: Aggregate
    /// In millionths.
    package var quantity: Int128
    package var eventCount: Int64
    package var revision: Int64
    package var firstEventAt: Int64
    package var lastEventAt: Int64
    package var provenance: [(source: TopicPartition, first: Int64, last: Int64)]

    package init(
        organisation: String, meter: String, windowStart: Int64, windowEnd: Int64,
        dimensions: [(name: String, value: String)], aggregate: Aggregate, quantity: Int128, eventCount: Int64,
        revision: Int64, firstEventAt: Int64, lastEventAt: Int64,
        provenance: [(source: TopicPartition, first: Int64, last: Int64)]
    ) {
        self.organisation = organisation
        self.meter = meter
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.dimensions = dimensions
        self.aggregate = aggregate
        self.quantity = quantity
        self.eventCount = eventCount
        self.revision = revision
        self.firstEventAt = firstEventAt
        self.lastEventAt = lastEventAt
        self.provenance = provenance
    }

    /// Decimals of `quantity` in the table and in the contract.
    package static let scale = 6

    /// Field names and order that `encode` writes; the contract in `schemas/` must agree.
    package static let contract = [
        "org_id", "meter", "window_start", "window_end", "dimensions", "aggregate", "quantity", "event_count",
        "revision", "first_event_at", "last_event_at", "provenance", "topology", "topology_version",
    ]

    /// Names the window: the newest revision of a key wins, so the topic may be compacted
    /// by readers who can live with an older revision after a crash (docs/billing.md).
    package var key: String {
        let start = Timestamp(microseconds: windowStart)
        return "\(organisation)|\(meter)|\(start)" + (dimensions.isEmpty ? "" : "|" + JSONText.compact(dimensions))
    }

    package func message(topic: String, schemaID: Int32, topology: Topology, into writer: inout AvroWriter)
        -> OutboxMessage
    {
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
