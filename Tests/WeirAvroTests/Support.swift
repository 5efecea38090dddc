// Helpers that tests of decoding share.

import WeirAvro
import WeirCore

extension DecodePlan {
    /// Decodes into values that are `old` before.
    func values(of body: [UInt8], over old: FieldValue = FieldValue()) throws(DecodeError) -> [FieldValue] {
        var values = [FieldValue](repeating: old, count: fieldCount)
        var span = values.mutableSpan
        try decode(body.span.bytes, into: &span)
        return values
    }

    func error(of body: [UInt8]) -> DecodeError? {
        do throws(DecodeError) {
            _ = try values(of: body)
            return nil
        } catch {
            return error
        }
    }

    /// What a value holds, out of the body or the constants.
    func content(_ value: FieldValue, in body: [UInt8]) -> Content {
        switch value.kind {
        case .null: return .null
        case .integer: return .integer(value.integer)
        case .bytes:
            let start = Int(value.offset)
            return .bytes(Array((value.isConstant ? constants : body)[start..<start + Int(value.length)]))
        }
    }

    func contents(of body: [UInt8]) throws(DecodeError) -> [Content] {
        try values(of: body).map { content($0, in: body) }
    }
}

extension ValueDecoder {
    func value(of body: [UInt8]) throws(ValueError) -> AvroValue { try decode(body.span.bytes) }
}

/// A decoded field, with its bytes.
enum Content: Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case null
    case integer(Int64)
    case bytes([UInt8])

    init(stringLiteral text: String) { self = .bytes(Array(text.utf8)) }
    init(integerLiteral value: Int64) { self = .integer(value) }
}

func schema(_ text: String) throws -> AvroSchema { try AvroSchema(parsing: text, source: "test.avsc") }

/// A schema of one record with the fields given as JSON.
func record(_ fields: String) throws -> AvroSchema {
    try schema(#"{"type": "record", "name": "R", "fields": [\#(fields)]}"#)
}

/// A schema of one record with one field `f` of the type given as JSON.
func single(_ type: String) throws -> AvroSchema { try record(#"{"name": "f", "type": \#(type)}"#) }

func identity(_ path: String) -> FieldRequest { FieldRequest(FieldPath(path), .identity) }

func decode(_ schema: AvroSchema, _ body: [UInt8]) throws(ValueError) -> AvroValue {
    try AvroValue.decode(schema: schema, from: body.span.bytes)
}
