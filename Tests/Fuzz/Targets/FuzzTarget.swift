// What is fuzzed: any bytes at all, taken for a schema, for a body, or for a container file.

import Foundation
import WeirAvro
import WeirCore

/// What an input is taken for. Its first byte says so; in what follows, parts are separated by zero bytes.
package enum FuzzTarget: String {
    case schema
    /// A schema and a body.
    case body
    /// A writer's schema, a reader's, and a body.
    case resolution
    case container

    package init?(_ input: [UInt8]) {
        switch input.first {
        case UInt8(ascii: "s"): self = .schema
        case UInt8(ascii: "b"): self = .body
        case UInt8(ascii: "r"): self = .resolution
        case UInt8(ascii: "c"): self = .container
        default: return nil
        }
    }

    /// Runs one input. What must never happen ends the process: that is how a fuzzer notices.
    package static func run(_ input: [UInt8]) {
        let rest = Array(input.dropFirst())
        switch FuzzTarget(input) {
        case .schema: schema(rest)
        case .body: body(rest)
        case .resolution: resolution(rest)
        case .container: container(rest)
        case nil: break
        }
    }

    private static func check(_ isRight: Bool, _ words: @autoclosure () -> String) {
        if !isRight { fatalError(words()) }
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) -> AvroSchema? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return try? AvroSchema(parsing: text, source: "fuzz")
    }

    /// A schema's canonical form is a schema with the same form, but for names that lose their lack of a namespace.
    private static func schema(_ bytes: [UInt8]) {
        guard let schema = parse(bytes[...]) else { return }
        let form = schema.canonicalForm
        _ = schema.rabinFingerprint
        let spaces = Set(schema.nodes.compactMap(\.name).map { $0.contains(".") })
        guard spaces.count < 2, let again = try? AvroSchema(parsing: form, source: "canonical") else { return }
        check(again.canonicalForm == form, "canonical form of \(form)")
    }

    /// Values and plans agree on what is valid, and what was read writes and reads the same.
    private static func body(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let schema = parse(parts[0]), let decoder = try? ValueDecoder(writer: schema),
            let plan = try? DecodePlan(writer: schema, reader: nil, fields: [])
        else { return }
        let body = Array(parts[1])
        let problem = error(of: plan, body)
        do throws(ValueError) {
            let value = try decoder.decode(body.span.bytes)
            check(problem == nil, "only the plan refuses: \(problem.map { plan.describe($0) } ?? "")")
            roundTrip(value, schema, decoder)
            _ = value.json(schema: schema).compact
        } catch {
            let isSpecial = error.code == .invalidUTF8 || error.code == .tooManyEmptyItems || error.code == .tooDeep
            check(problem != nil || isSpecial, "only the value is refused: \(error)")
        }
    }

    private static func resolution(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let writer = parse(parts[0]), let reader = parse(parts[1]) else { return }
        let body = Array(parts[2])
        let names = reader.fieldNames(under: []).prefix(20)
        let requests = names.map { FieldRequest(FieldPath($0), .identity) }.filter { reader.problem(with: $0) == nil }
        let problem = (try? DecodePlan(writer: writer, reader: reader, fields: requests)).flatMap {
            error(of: $0, body)
        }
        guard let decoder = try? ValueDecoder(writer: writer, reader: reader),
            let value = try? decoder.decode(body.span.bytes)
        else { return }
        check(problem == nil || problem?.code == .timeOutOfRange, "a value is read, and not its fields")
        if let plain = try? ValueDecoder(writer: reader) { roundTrip(value, reader, plain) }
    }

    private static func container(_ bytes: [UInt8]) {
        var limits = ContainerReader.Limits()
        limits.block = 1 << 20
        limits.inflated = 1 << 20
        var isRead = false
        let reader = try? ContainerReader(source: "fuzz", limits: limits) { _ in
            defer { isRead = true }
            return isRead ? [] : bytes
        }
        // Blocks of a few bytes may hold many records of no size.
        for _ in 0..<100_000 { guard let reader, (try? reader.next()) != nil else { return } }
    }

    private static func roundTrip(_ value: AvroValue, _ schema: AvroSchema, _ decoder: ValueDecoder) {
        var writer = AvroWriter()
        do {
            try value.encode(schema: schema, into: &writer)
            let again = try decoder.decode(writer.bytes.span.bytes)
            var other = AvroWriter()
            try again.encode(schema: schema, into: &other)
            check(other.bytes == writer.bytes, "what is written reads otherwise")
        } catch {
            fatalError("what is read does not write, or not read again: \(error)")
        }
    }

    private static func error(of plan: DecodePlan, _ body: [UInt8]) -> DecodeError? {
        var values = Array(repeating: FieldValue(), count: plan.fieldCount)
        var span = values.mutableSpan
        do throws(DecodeError) {
            try plan.decode(body.span.bytes, into: &span)
            return nil
        } catch {
            return error
        }
    }
}
