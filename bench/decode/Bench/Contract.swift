// The two usage contracts whose decoding is measured, and records of them.

import Foundation
import WeirAvro
import WeirCore

/// A schema, what is read of it, and records.
struct Contract {
    let name: String
    let schema: AvroSchema
    /// Fields for the rows "all": text and numbers, and one entry of the map.
    let all: [String]
    /// Fields for the rows "five".
    let five: [String]
    /// What a topology of this repository reads of it; empty if none does.
    var topology: [FieldRequest] = []
    let data: [UInt8]
    /// Where each record begins, and the end of the last.
    let starts: [UInt32]

    var count: Int { starts.count - 1 }

    /// The reader's schema of a consumer that wants the five fields only.
    var fiveSchema: String {
        guard case .object(let members) = try? JSON(parsing: schema.text, source: name),
            case .array(let fields) = members.first(where: { $0.key == "fields" })?.value
        else { return schema.text }
        let kept = fields.filter { five.contains($0["name"]?.string ?? "") }
        return JSON.object(members.map { $0.key == "fields" ? JSON.Member($0.key, .array(kept)) : $0 }).compact
    }

    /// W1 of shared/reference/workload.py.
    static func w1(count: Int) throws -> Contract {
        let schema = try AvroSchema(
            parsing: #"""
                {"type": "record", "name": "UsageEvent", "namespace": "usage.v1", "fields": [
                  {"name": "event_id", "type": "string"},
                  {"name": "idempotency_key", "type": "string"},
                  {"name": "org_id", "type": "string"},
                  {"name": "meter", "type": {"type": "enum", "name": "Meter",
                    "symbols": ["STORAGE_BYTES", "AI_ANALYSES", "ACTIVE_USERS"]}},
                  {"name": "quantity", "type": "long"},
                  {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                  {"name": "project_id", "type": ["null", "string"], "default": null},
                  {"name": "dimensions", "type": {"type": "map", "values": "string"}}]}
                """#, source: "W1")
        return Contract(
            "W1", schema,
            all: [
                "event_id", "idempotency_key", "org_id", "meter", "quantity", "occurred_at", "project_id",
                "dimensions.region",
            ],
            five: ["idempotency_key", "org_id", "meter", "quantity", "occurred_at"], count: count
        ) { event, writer in
            writer.writeString(event.key)
            writer.writeString(event.key)
            writer.writeString(event.organisation)
            writer.writeEnum(event.index % 3)
            writer.writeLong(event.quantity)
            writer.writeLong(event.milliseconds)
            writer.writeUnionIndex(1)
            writer.writeString(event.project)
            writer.writeBlockCount(1)
            writer.writeString("region")
            writer.writeString("eu-west-3")
            writer.writeBlockEnd()
        }
    }

    /// The contract storage.usage.v1 of this repository.
    static func storage(count: Int) throws -> Contract {
        let path = "schemas/storage.usage.v1/1.avsc"
        let schema = try AvroSchema(parsing: String(contentsOfFile: path, encoding: .utf8), source: path)
        var contract = Contract(
            "storage.usage.v1", schema,
            all: [
                "event_id", "idempotency_key", "org_id", "occurred_at", "bytes", "project_id", "region",
                "dimensions.region",
            ],
            five: ["idempotency_key", "org_id", "occurred_at", "bytes", "region"], count: count
        ) { event, writer in
            writer.writeString(event.key)
            writer.writeString(event.key)
            writer.writeString(event.organisation)
            writer.writeLong(event.milliseconds * 1000)
            writer.writeLong(event.quantity << 20)
            writer.writeUnionIndex(1)
            writer.writeString(event.project)
            writer.writeString("eu-west-3")
            writer.writeBlockCount(1)
            writer.writeString("team")
            writer.writeString("imaging")
            writer.writeBlockEnd()
        }
        let file = "topologies/billing-usage.yaml"
        let topology = try TopologyFile.load(String(contentsOfFile: file, encoding: .utf8), file: file).topology
        contract.topology =
            topology.sources.first { $0.topic == contract.name }.map {
                SourcePlan(source: $0, topology: topology).requests
            } ?? []
        return contract
    }

    private struct Event {
        let index: Int
        let key: String
        let organisation: String
        let quantity: Int64
        let milliseconds: Int64
        let project: String
    }

    private init(
        _ name: String, _ schema: AvroSchema, all: [String], five: [String], count: Int,
        write: (Event, inout AvroWriter) -> Void
    ) {
        self.name = name
        self.schema = schema
        self.all = all
        self.five = five
        var writer = AvroWriter()
        var starts: [UInt32] = []
        for index in 0..<count {
            starts.append(UInt32(writer.count))
            let event = Event(
                index: index, key: UUID().uuidString.lowercased(),
                organisation: "org-" + String(1_000_000 + Int.random(in: 0..<500)).dropFirst(),
                quantity: Int64.random(in: 1..<1000),
                milliseconds: 1_790_000_000_000 + Int64(index) * 3_600_000 / Int64(count),
                project: "project-\(Int.random(in: 0..<99))")
            write(event, &writer)
        }
        starts.append(UInt32(writer.count))
        data = writer.bytes
        self.starts = starts
    }
}
