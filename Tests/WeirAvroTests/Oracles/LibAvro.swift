// libavro as the oracle: writes values with a schema, and reads bytes back.

import CAvro
import WeirAvro

/// A schema and a value of it, as libavro holds them.
struct LibAvro: ~Copyable {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ step: String) { description = "\(step): \(String(cString: avro_strerror()))" }
    }

    private let schema: avro_schema_t
    private let iface: UnsafeMutablePointer<avro_value_iface_t>

    init(_ json: String) throws(Failure) {
        var parsed: avro_schema_t?
        guard avro_schema_from_json_length(json, json.utf8.count, &parsed) == 0, let parsed else {
            throw Failure("parse")
        }
        guard let iface = avro_generic_class_from_schema(parsed) else { throw Failure("class") }
        schema = parsed
        self.iface = iface
    }

    deinit {
        iface.pointee.decref_iface(iface)
        avro_schema_decref(schema)
    }

    /// The bytes libavro writes for a value.
    func encode(_ value: AvroValue) throws(Failure) -> [UInt8] {
        var target = avro_value_t()
        guard avro_generic_value_new(iface, &target) == 0 else { throw Failure("new") }
        defer { avro_value_decref(&target) }
        try LibAvro.set(target, value)
        return try LibAvro.write(&target)
    }

    /// What libavro writes after reading `bytes`.
    func reencode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var target = avro_value_t()
        guard avro_generic_value_new(iface, &target) == 0 else { throw Failure("new") }
        defer { avro_value_decref(&target) }
        let chars = bytes.map { CChar(bitPattern: $0) }
        let status = chars.withUnsafeBufferPointer { buffer in
            let reader = avro_reader_memory(buffer.baseAddress, Int64(buffer.count))
            defer { avro_reader_free(reader) }
            return avro_value_read(reader, &target)
        }
        guard status == 0 else { throw Failure("read") }
        return try LibAvro.write(&target)
    }

    private static func write(_ value: inout avro_value_t) throws(Failure) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var count = 0
        let status = buffer.withUnsafeMutableBufferPointer { buffer in
            let writer = avro_writer_memory(buffer.baseAddress, Int64(buffer.count))
            defer { avro_writer_free(writer) }
            let status = avro_value_write(writer, &value)
            count = Int(avro_writer_tell(writer))
            return status
        }
        guard status == 0 else { throw Failure("write") }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    private static func set(_ target: avro_value_t, _ value: AvroValue) throws(Failure) {
        guard let iface = target.iface else { throw Failure("no interface") }
        let object = target.`self`
        let methods = iface.pointee
        var status: Int32
        switch value {
        case .null: status = methods.set_null(iface, object)
        case .boolean(let value): status = methods.set_boolean(iface, object, value ? 1 : 0)
        case .int(let value): status = methods.set_int(iface, object, value)
        case .long(let value): status = methods.set_long(iface, object, value)
        case .float(let value): status = methods.set_float(iface, object, value)
        case .double(let value): status = methods.set_double(iface, object, value)
        case .bytes(var bytes):
            status = bytes.withUnsafeMutableBytes { methods.set_bytes(iface, object, $0.baseAddress, $0.count) }
        case .fixed(var bytes):
            status = bytes.withUnsafeMutableBytes { methods.set_fixed(iface, object, $0.baseAddress, $0.count) }
        case .string(let text):
            var chars = text.utf8CString
            status = chars.withUnsafeMutableBufferPointer {
                methods.set_string_len(iface, object, $0.baseAddress, $0.count)
            }
        case .enumeration(let index): status = methods.set_enum(iface, object, Int32(index))
        case .array(let items):
            status = 0
            for item in items {
                var child = avro_value_t()
                status = methods.append(iface, object, &child, nil)
                guard status == 0 else { break }
                try set(child, item)
            }
        case .map(let entries):
            status = 0
            for entry in entries {
                var child = avro_value_t()
                status = methods.add(iface, object, entry.key, &child, nil, nil)
                guard status == 0 else { break }
                try set(child, entry.value)
            }
        case .record(let fields):
            status = 0
            for (index, field) in fields.enumerated() {
                var child = avro_value_t()
                status = methods.get_by_index(iface, object, index, &child, nil)
                guard status == 0 else { break }
                try set(child, field)
            }
        case .union(let index, let inner):
            var child = avro_value_t()
            status = methods.set_branch(iface, object, Int32(index), &child)
            if status == 0 { try set(child, inner) }
        }
        guard status == 0 else { throw Failure("set \(value.word)") }
    }
}
