// What the checker promises, the engine keeps: on random schemas that were changed at random.

import TestSupport
import Testing
import WeirAvro
import WeirCore

@Suite struct CompatibilityPropertyTests {
    private static let seeds: ClosedRange<UInt64> = 1...3000

    @Test func whatIsCompatibleIsRead() throws {
        var compatible = 0
        var incompatible = 0
        var read = 0
        for seed in Self.seeds {
            let sample = try RandomCase(seed: seed)
            var change = SchemaChange(seed: seed)
            // Two changes in one place may not go together.
            guard let reader = try? schema(change.apply(to: sample.text)) else { continue }
            guard AvroSchema.incompatibilities(reader: reader, writer: sample.schema).isEmpty else {
                incompatible += 1
                continue
            }
            compatible += 1
            let requests = reader.readablePaths
            let words = "seed \(seed): \(change.done)"
            let plan = try #require(
                try? DecodePlan(writer: sample.schema, reader: reader, fields: requests), "\(words)")
            #expect(plan.error(of: sample.body) == nil, "\(words)")
            read += requests.count
        }
        // Otherwise it shows nothing.
        #expect(compatible > 500, "\(compatible)")
        #expect(incompatible > 300, "\(incompatible)")
        #expect(read > 2000, "\(read)")
    }

    @Test func aSchemaReadsItself() throws {
        for seed in Self.seeds {
            let sample = try RandomCase(seed: seed)
            #expect(AvroSchema.incompatibilities(reader: sample.schema, writer: sample.schema).isEmpty, "seed \(seed)")
        }
    }
}

extension AvroSchema {
    /// Every path that a topology could request as an identity.
    fileprivate var readablePaths: [FieldRequest] {
        var found: [FieldRequest] = []
        func collect(_ path: [String]) {
            guard path.count < 4 else { return }
            for name in fieldNames(under: path) {
                let here = path + [name]
                let request = FieldRequest(FieldPath(here.joined(separator: ".")), .identity)
                if problem(with: request) == nil { found.append(request) }
                collect(here)
            }
        }
        collect([])
        return found
    }
}

/// A few changes of a schema's text, as people make them.
private struct SchemaChange {
    private var random: SeededGenerator
    private(set) var done: [String] = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed &* 31 &+ 7) }

    mutating func apply(to text: String) throws -> String {
        var json = try JSON(parsing: text, source: "change")
        for _ in 0..<Int.random(in: 0...2, using: &random) { json = change(json) }
        return json.compact
    }

    /// Changes something somewhere below.
    private mutating func change(_ json: JSON) -> JSON {
        guard case .object(var members) = json else { return wrap(json) }
        if case .array(var fields) = json["fields"] {
            let place = members.firstIndex { $0.key == "fields" } ?? 0
            if fields.isEmpty || Int.random(in: 0..<3, using: &random) == 0 {
                changeList(&fields)
            } else {
                let index = Int.random(in: fields.indices, using: &random)
                fields[index] = changeField(fields[index])
            }
            members[place] = JSON.Member("fields", .array(fields))
            return .object(members)
        }
        for (place, member) in members.enumerated() {
            switch (member.key, member.value) {
            case ("items", let inner), ("values", let inner):
                members[place] = JSON.Member(member.key, change(inner))
            case ("size", .integer(let size)):
                done.append("size")
                members[place] = JSON.Member("size", .integer(size + Int64.random(in: 0...1, using: &random)))
            case ("symbols", .array(var symbols)):
                if Bool.random(using: &random), symbols.count > 1 {
                    done.append("symbol removed")
                    symbols.removeLast()
                } else {
                    done.append("symbol added")
                    symbols.insert(.string("NEW"), at: 0)
                }
                members[place] = JSON.Member("symbols", .array(symbols))
                if json["default"] == nil, Bool.random(using: &random) {
                    members.append(JSON.Member("default", symbols[0]))
                }
                return .object(members)
            default: break
            }
        }
        return .object(members)
    }

    private mutating func changeList(_ fields: inout [JSON]) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !fields.isEmpty:
            done.append("field removed")
            fields.remove(at: Int.random(in: fields.indices, using: &random))
        case 1:
            if fields.contains(where: { $0["name"]?.string == "added" }) { return }
            done.append("field added with default")
            fields.insert(
                .object([
                    JSON.Member("name", "added"), JSON.Member("type", "long"), JSON.Member("default", .integer(1)),
                ]), at: 0)
        case 2:
            done.append("field added without default")
            if fields.contains(where: { $0["name"]?.string == "wanted" }) { return }
            fields.append(.object([JSON.Member("name", "wanted"), JSON.Member("type", "string")]))
        default:
            done.append("shuffled")
            // A reference must stay behind its definition.
            if fields.allSatisfy({ $0["type"]?.string != nil }) { fields.shuffle(using: &random) }
        }
    }

    private mutating func changeField(_ field: JSON) -> JSON {
        guard case .object(var members) = field, let place = members.firstIndex(where: { $0.key == "type" }) else {
            return field
        }
        if Int.random(in: 0..<5, using: &random) == 0, let name = field["name"]?.string, field["aliases"] == nil {
            done.append("renamed with alias")
            members.removeAll { $0.key == "name" }
            return .object(
                members + [
                    JSON.Member("name", .string(name + "_new")), JSON.Member("aliases", .array([.string(name)])),
                ])
        }
        members[place] = JSON.Member("type", change(members[place].value))
        return .object(members)
    }

    /// Another primitive, or a union around it.
    private mutating func wrap(_ json: JSON) -> JSON {
        switch (json, Int.random(in: 0..<3, using: &random)) {
        case (.string("null"), _): return json
        case (.string(let word), 0):
            // Not bytes to string: whether bytes are UTF-8 is not known from schemas.
            let wider = ["int": "long", "string": "bytes", "float": "double", "long": "string"]
            done.append("\(word) widened")
            return .string(wider[word] ?? word)
        case (.string, 1):
            done.append("made nullable")
            return .array([.string("null"), json])
        case (.array(let branches), 2) where branches.count > 1:
            done.append("branch removed")
            return .array(Array(branches.dropLast()))
        default: return json
        }
    }
}
