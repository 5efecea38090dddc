// JSON text as a Swift value, read by libjansson; the only file that touches its C types.

import CJansson

/// A JSON document. Objects keep the order of their keys.
package enum JSON: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case real(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    package struct Member: Sendable {
        package let key: String
        package let value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// Arrays and objects inside one another at the most; a schema needs three per level of its own.
    static let maximumDepth = 400

    /// Reads one document of any kind; a key given twice in one object is an error.
    package init(parsing text: String, source: String) throws(SchemaError) {
        var failure = json_error_t()
        var text = text
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)
        let root = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { bytes in
                bytes.baseAddress.flatMap { json_loadb($0, bytes.count, flags, &failure) }
            }
        }
        guard let root else {
            let words = withUnsafeBytes(of: failure.text) { text in
                String(decoding: text.prefix(while: { $0 != 0 }), as: UTF8.self)
            }
            throw SchemaError("\(source):\(failure.line):\(failure.column): not JSON: \(words)")
        }
        defer { json_decref(root) }
        try self.init(root, depth: 0, source: source)
    }

    private init(_ node: UnsafeMutablePointer<json_t>, depth: Int, source: String) throws(SchemaError) {
        guard depth < JSON.maximumDepth else {
            throw SchemaError("\(source): JSON nested deeper than \(JSON.maximumDepth) levels")
        }
        switch node.pointee.type {
        case JSON_TRUE: self = .boolean(true)
        case JSON_FALSE: self = .boolean(false)
        case JSON_INTEGER: self = .integer(json_integer_value(node))
        case JSON_REAL: self = .real(json_real_value(node))
        case JSON_STRING: self = .string(JSON.text(json_string_value(node), json_string_length(node)))
        case JSON_ARRAY:
            var items: [JSON] = []
            for index in 0..<json_array_size(node) {
                guard let item = json_array_get(node, index) else { break }
                items.append(try JSON(item, depth: depth + 1, source: source))
            }
            self = .array(items)
        case JSON_OBJECT:
            var members: [Member] = []
            var position = json_object_iter(node)
            while let entry = position {
                guard let value = json_object_iter_value(entry) else { break }
                let key = JSON.text(json_object_iter_key(entry), json_object_iter_key_len(entry))
                members.append(Member(key, try JSON(value, depth: depth + 1, source: source)))
                position = json_object_iter_next(node, entry)
            }
            self = .object(members)
        default: self = .null
        }
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The member of an object, nil if there is none or this is no object.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// What the value is, for "expected ..., found ..." messages.
    package var words: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .string(let text): "\"\(text.prefix(100))\(text.count > 100 ? "…" : "")\""
        case .array: "an array"
        case .object: "an object"
        }
    }
}
