// A registry inside the test's process: the service over a folder of its own, with a log of what was asked.

import Foundation
import Synchronization
import WeirAvro
import WeirCore
import WeirHTTP
import WeirRegistry

/// Removed at the end.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "weir-registry-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    /// Names of files below it, sorted.
    var files: [String] {
        (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).filter {
            !$0.hasPrefix(".")
        }.sorted()
    }
}

final class TestRegistry: Sendable {
    let folder: TemporaryFolder
    private let server: HTTPServer
    private let parts: Parts

    static let usage = #"{"type": "record", "name": "Usage", "fields": [{"name": "a", "type": "int"}]}"#

    init(_ folder: TemporaryFolder? = nil, isWritable: Bool = true) throws {
        let folder = try folder ?? TemporaryFolder(["ids.yaml": "3: usage/1.avsc\n", "usage/1.avsc": Self.usage])
        self.folder = folder
        let service = RegistryService(try SchemaStore(path: folder.path, isWritable: isWritable)) { _ in }
        let parts = Parts()
        server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            parts.log.withLock { $0.append("\(request.method) \(request.target)") }
            parts.traces.withLock { $0.append(request.headers["traceparent"]) }
            return parts.override.withLock { $0 }?(request) ?? service.answer(request)
        }
        self.parts = parts
    }

    private final class Parts: Sendable {
        let log = Mutex<[String]>([])
        let traces = Mutex<[String?]>([])
        let override = Mutex<HTTPServer.Handler?>(nil)
    }

    deinit { server.stop(within: .zero) }

    var url: String { server.address }

    /// `GET /schemas/ids/3`, in order.
    var requests: [String] { parts.log.withLock { $0 } }

    /// Of those requests, what continues a trace.
    var traceparents: [String?] { parts.traces.withLock { $0 } }

    /// Answers in place of the registry; nil is the registry again.
    func answer(with handler: HTTPServer.Handler?) { parts.override.withLock { $0 = handler } }

    func client(_ change: (inout RegistrySettings) -> Void = { _ in }) throws -> RegistryClient {
        var settings = try RegistrySettings(urls: url)
        change(&settings)
        return RegistryClient(settings)
    }

    func source(
        disk: String? = nil, first: Duration = .milliseconds(50), longest: Duration = .seconds(1), url: String? = nil
    ) throws -> RegistrySource {
        RegistrySource(
            RegistryClient(try RegistrySettings(urls: url ?? self.url)),
            contracts: SchemaFolder(path: "none", entries: []), cacheFolder: disk, first: first, longest: longest
        ) { _ in }
    }
}

/// As a proxy or a registry in trouble would.
func plain(_ status: Int, _ text: String) -> HTTPServer.Handler {
    { _ in HTTPResponse(status: status, type: "application/json", text: text) }
}
