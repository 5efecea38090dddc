// What a topology file without mistakes turns into.

import TestSupport
import Testing
import WeirCore

@Suite struct TopologyFileTests {
    private func load(_ path: String) throws -> LoadedTopology {
        try TopologyFile.load(try Repository.text(path), file: path)
    }

    @Test func loadsBillingUsage() throws {
        let loaded = try load("topologies/billing-usage.yaml")
        let topology = loaded.topology
        #expect(topology.name == "billing-usage")
        #expect(topology.version == 1)
        #expect(topology.group == "weir.billing-usage")
        #expect(topology.sources.map(\.topic) == ["storage.usage.v1", "ai.analysis.v1", "user.activity.v1"])
        #expect(
            topology.sources[0]
                == Source(
                    topic: "storage.usage.v1", schema: "storage.usage.v1", key: FieldPath("org_id"),
                    organisation: FieldPath("org_id"),
                    idempotency: Idempotency(
                        field: FieldPath("idempotency_key"), retention: TimeSpan(microseconds: 35 * 86_400_000_000),
                        ignoring: [FieldPath("event_id")]),
                    time: EventTime(
                        field: FieldPath("occurred_at"), earliest: Timestamp(microseconds: 1_577_836_800_000_000),
                        ahead: TimeSpan(microseconds: 86_400_000_000),
                        grace: TimeSpan(microseconds: 3 * 86_400_000_000))))
        #expect(
            topology.meters.map { "\($0.name) \($0.aggregate) \($0.field?.description ?? "-") \($0.window)" } == [
                "storage_bytes max bytes 1h", "ai_analyses count - 1h", "ai_input_tokens sum input_tokens 1h",
                "ai_output_tokens sum output_tokens 1h", "active_users unique user_id 1h",
                "active_users_daily unique user_id 1d", "active_users_monthly unique user_id 1mo",
            ])
        #expect(
            topology.outputs
                == Outputs(
                    table: "billing.usage", topic: "billing.usage.v1", schema: "billing.usage.v1", lag: "slo.lag.v1"))
        #expect(topology.limits == Limits())
    }

    @Test func loadsTheExample() throws {
        let topology = try load("topologies/examples/api-calls/api-calls.yaml").topology
        #expect(topology.group == "weir.api-calls")
        #expect(topology.outputs.topic == nil)
        #expect(topology.sources[0].key == FieldPath("org_id"))
        #expect(topology.meters.map(\.aggregate) == [.count, .sum, .min, .last, .unique])
        #expect(topology.meters[0].groupBy == [FieldPath("region")])
    }

    @Test func keepsWhereFieldsAreNamed() throws {
        let text = """
            topology: t
            version: 3
            sources:
              - topic: a.v1
                schema: a
                key: device.id
                idempotency: {field: key, retention: 1d, ignoring: [event_id, sent_at]}
                time: {field: at, earliest: 2020-01-01}
            meters:
              - {name: m, source: a.v1, aggregate: sum, field: bytes, group_by: [dimensions.region], window: 1h}
              - {name: u, source: a.v1, aggregate: unique, field: bytes, window: 1h}
            outputs: {table: billing.usage}
            limits: {record_bytes: 2MiB}
            """
        let loaded = try TopologyFile.load(text, file: "t.yaml")
        let uses = loaded.fieldUses.map { "\($0.position) \($0.request.path) \($0.request.use) \($0.role)" }
        #expect(
            uses == [
                "4:5 org_id identity organisation of the source",
                "6:10 device.id identity key of the source",
                "7:26 key identity idempotency key",
                "7:57 event_id extent ignored in repeats",
                "7:67 sent_at extent ignored in repeats",
                "8:19 at time event time",
                "10:52 bytes measure measure of meter 'm'",
                "10:70 dimensions.region identity group of meter 'm'",
                "11:55 bytes identity measure of meter 'u'",
            ])
        #expect(loaded.requests(of: "a.v1").count == 9)
        #expect(loaded.requests(of: "b.v1").isEmpty)
        #expect(loaded.position(of: .schema(source: "a.v1")) == ConfigPosition(line: 5, column: 13))
        #expect(loaded.position(of: .meter("u")) == ConfigPosition(line: 11, column: 12))
        #expect(loaded.position(of: .outputTable) == ConfigPosition(line: 12, column: 18))
        #expect(
            loaded.mistake(at: loaded.fieldUses[6], "is a string", expected: "expected a number").description
                == "t.yaml:10:52: bytes, measure of meter 'm': is a string (expected a number)")
        #expect(loaded.topology.limits == Limits(recordBytes: 2 << 20))
    }

    @Test func understandsAnchors() throws {
        let text = """
            topology: t
            version: 1
            sources:
              - {topic: a, idempotency: &i {field: key, retention: 1d}, time: &t {field: at, earliest: 2020-01-01}}
              - {topic: b, idempotency: *i, time: *t}
            meters:
              - {name: m, source: a, aggregate: count, window: 1h}
              - {name: n, source: b, aggregate: count, window: 1h}
            outputs: {table: billing.usage}
            """
        let topology = try TopologyFile.load(text, file: "t.yaml").topology
        #expect(topology.sources[0].time == topology.sources[1].time)
    }
}
