// What a registry once said, in files: for starts while it is away.

internal import Foundation
internal import WeirAvro
internal import WeirCore

/// One file for each question, written whole and checked when read. Whatever is wrong with a file, it is as if it were
/// not there.
struct SchemaDiskCache: Sendable {
    private let folder: String

    /// - Parameters:
    ///   - folder: of all registries; each has one of its own inside.
    ///   - registry: its addresses: names mean something else elsewhere.
    init(folder: String, registry: String) {
        self.folder = "\(folder)/\(Self.name(registry))"
    }

    func text(of key: String) -> String? {
        guard let data = FileManager.default.contents(atPath: file(key)),
            let text = String(validating: data, as: UTF8.self), let json = try? JSON(parsing: text, source: file(key)),
            json["key"]?.string == key, let schema = json["text"]?.string,
            json["check"]?.string == Self.check(key, schema)
        else { return nil }
        return schema
    }

    /// - Returns: why it could not be written.
    func write(_ text: String, of key: String) -> String? {
        let json = JSON.object([
            JSON.Member("key", .string(key)), JSON.Member("check", .string(Self.check(key, text))),
            JSON.Member("text", .string(text)),
        ])
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data((json.compact + "\n").utf8).write(to: URL(filePath: file(key)), options: .atomic)
            return nil
        } catch {
            return "\(folder): \(error.localizedDescription)"
        }
    }

    private func file(_ key: String) -> String { "\(folder)/\(Self.name(key)).json" }

    /// Legible, and of its own whatever was made legible: the hash tells apart.
    private static func name(_ text: String) -> String {
        let legible = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" }
        return "\(String(legible.prefix(100)))-\(hex(hash(text).low))"
    }

    private static func check(_ key: String, _ text: String) -> String {
        let hash = hash("\(key)\n\(text)")
        return hex(hash.high) + hex(hash.low)
    }

    private static func hash(_ text: String) -> Hash128 { Hash128(low: 0x6469_736b, high: 0x6361_6368).hash(text) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
