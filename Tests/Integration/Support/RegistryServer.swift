// `weir registry serve` as a process of a test.

import Foundation

/// Killed at the latest when the value goes away.
final class RegistryServer {
    /// Subjects are named after topics, and with WEIR_BROKERS topics have names of their own.
    static let isUsable = ProcessInfo.processInfo.environment["WEIR_BROKERS"]?.isEmpty != false

    private let folder: String
    private let isWritable: Bool
    private var process: WeirWorker?
    private let portFile = FileManager.default.temporaryDirectory.appending(path: "weir-registry-\(UUID().uuidString)")
        .path
    /// Of processes that were killed.
    private var oldLog = ""
    private(set) var url = ""

    init(folder: String, isWritable: Bool = false) throws {
        self.folder = folder
        self.isWritable = isWritable
        try start()
    }

    deinit { try? FileManager.default.removeItem(atPath: portFile) }

    /// Under the address that it had before, if it was killed.
    func start() throws {
        try? FileManager.default.removeItem(atPath: portFile)
        let address = url.isEmpty ? "127.0.0.1:0" : String(url.dropFirst("http://".count))
        let process = try WeirWorker(
            name: "registry",
            ["registry", "serve", "--schemas", folder, "--listen", address, "--port-file", portFile]
                + (isWritable ? ["--writable"] : []))
        self.process = process
        try waitUntil("the registry listens\n\(process.lastWords)") {
            FileManager.default.fileExists(atPath: portFile) || !process.isRunning
        }
        url = try String(contentsOfFile: portFile, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func kill() throws {
        guard let process else { return }
        process.kill()
        try process.waitForEnd()
        oldLog += process.text
        self.process = nil
    }

    /// Targets that were asked for, in order, by method: `GET /schemas/ids/1`.
    var requests: [String] {
        lines.compactMap { line in
            guard let method = Self.value("method", line),
                let target = Self.value("target", line)
            else { return nil }
            return "\(method) \(target)"
        }
    }

    /// What it was told of their traces.
    var traceparents: [String] { lines.compactMap { Self.value("traceparent", $0).map(String.init) } }

    private var lines: [Substring] {
        (oldLog + (process?.text ?? "")).split(separator: "\n").filter { $0.contains(" info request ") }
    }

    private static func value(_ name: String, _ line: Substring) -> Substring? {
        line.split(separator: " ").first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
    }
}

/// A folder for one test.
final class ScratchFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "weir-scratch-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }
}

extension SchemaCopy {
    /// The same contracts under other ids: whoever goes by them in place of the registry's reads nothing right.
    func renumber() throws {
        let ids = try String(contentsOfFile: "\(path)/ids.yaml", encoding: .utf8)
        let lines = ids.split(separator: "\n").filter { !$0.hasPrefix("#") }
        // Each file gets the id of another.
        let numbers = lines.map { $0.prefix { $0 != ":" } }
        let files = lines.map { $0.drop { $0 != ":" } }
        let turned = files.dropFirst() + files.prefix(1)
        try zip(numbers, turned).map { "\($0)\($1)" }.joined(separator: "\n").write(
            toFile: "\(path)/ids.yaml", atomically: true, encoding: .utf8)
    }
}

extension Rig {
    /// Options for a worker that goes by a registry.
    func withRegistry(_ url: String, contracts: String? = nil, cache: String) -> [String] {
        (contracts.map { ["--schemas", $0] } ?? []) + ["--registry", url, "--registry-cache", cache]
    }
}
