// A topology whose contract has everything that makes generating hard.

import Foundation
import WeirAvro
import WeirCore

enum OddContract {
    static let topology = """
        topology: odd
        version: 1
        sources:
          - topic: odd.v1
            organisation: who.tenant
            key: who.device
            idempotency: { field: id, retention: 7d, ignoring: [attempt, sequence] }
            time: { field: at, earliest: 2020-01-01 }
        meters:
          - { name: cost, source: odd.v1, aggregate: sum, field: cost, group_by: [labels.zone, tier, note], window: 1h }
          - { name: dearest, source: odd.v1, aggregate: max, field: price, window: 1mo }
          - { name: cheapest, source: odd.v1, aggregate: min, field: price, group_by: [retries, flag], window: 1d }
          - { name: level, source: odd.v1, aggregate: last, field: level, window: 10m }
          - { name: people, source: odd.v1, aggregate: unique, field: person, group_by: [tier], window: 1d }
          - { name: records, source: odd.v1, aggregate: count, window: 1mo }
        outputs: { table: billing.usage }
        """

    static let schema = """
        {"type": "record", "name": "Odd", "fields": [
          {"name": "sequence", "type": "long"},
          {"name": "tree", "type": {"type": "record", "name": "Tree", "fields": [
            {"name": "size", "type": "int"}, {"name": "left", "type": ["null", "Tree"]},
            {"name": "more", "type": {"type": "array", "items": "Tree"}}]}},
          {"name": "attempt", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "who", "type": ["null", {"type": "record", "name": "Who", "fields": [
            {"name": "tenant", "type": ["string", "null"]},
            {"name": "device", "type": {"type": "fixed", "name": "Device", "size": 8}}]}]},
          {"name": "id", "type": {"type": "fixed", "name": "Id", "size": 20}},
          {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
          {"name": "cost", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
          {"name": "price", "type": {"type": "fixed", "name": "Price", "size": 9, "logicalType": "decimal",
            "precision": 20, "scale": 6}},
          {"name": "level", "type": ["int", "null"]},
          {"name": "person", "type": ["null", "long"]},
          {"name": "tier", "type": {"type": "enum", "name": "Tier", "symbols": ["FREE", "PAID"]}},
          {"name": "note", "type": ["null", "string"], "default": null},
          {"name": "retries", "type": "int"},
          {"name": "flag", "type": "boolean"},
          {"name": "labels", "type": {"type": "map", "values": "string"}},
          {"name": "ratio", "type": "double"}, {"name": "share", "type": "float"}, {"name": "nothing", "type": "null"},
          {"name": "day", "type": {"type": "int", "logicalType": "date"}},
          {"name": "blob", "type": "bytes"},
          {"name": "counts", "type": {"type": "map", "values": {"type": "array", "items": "long"}}},
          {"name": "any", "type": ["string", "long", {"type": "map", "values": "Tier"}, "null"]}
        ]}
        """

    static func fixture() throws -> Fixture {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weir-odd-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "odd.v1"), withIntermediateDirectories: true)
        try schema.write(to: folder.appending(path: "odd.v1/2.avsc"), atomically: true, encoding: .utf8)
        try "7: odd.v1/2.avsc".write(to: folder.appending(path: "ids.yaml"), atomically: true, encoding: .utf8)
        return try Fixture(text: topology, schemas: SchemaFolder(path: folder.path(percentEncoded: false)))
    }
}
