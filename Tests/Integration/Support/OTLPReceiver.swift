// A collector that is not ours: OpenTelemetry's own messages behind an HTTP server of Python's.

import Foundation
import TestSupport
import Testing
import WeirCore

/// Ends with the value, or with the tests.
final class OTLPReceiver {
    static let python: String? = {
        guard let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"],
            (try? Command.run(python, "-c", "import opentelemetry.proto.collector.trace.v1.trace_service_pb2")) != nil
        else { return nil }
        return python
    }()

    private let process: ChildProcess
    private let file = FileManager.default.temporaryDirectory.appending(path: "weir-otlp-\(UUID().uuidString)")
    /// `127.0.0.1:41234`
    let address: String

    /// - Parameter port: that an earlier one had; any if nil.
    init(port: String? = nil) throws {
        process = try ChildProcess(
            Self.python ?? "python3",
            [Repository.path("Tests/Integration/Clients/otlp_receiver.py"), file.path] + (port.map { [$0] } ?? []))
        Leash.tie(process)
        var found = ""
        try waitUntil("the receiver listens") { [file, process] in
            found = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            if !process.isRunning { throw Command.Failure(description: "the receiver ended") }
            return found.hasSuffix("\n")
        }
        address = found.trimmingCharacters(in: .newlines)
    }

    deinit {
        Leash.end(process)
        try? FileManager.default.removeItem(at: file)
    }

    var port: String { String(address.split(separator: ":")[1]) }

    func stop() {
        process.signal(SIGTERM)
        if process.wait(milliseconds: 10_000) == nil { Issue.record("the receiver does not end") }
    }

    /// What it does with requests from now on: ok, busy, slow, refuse.
    func behave(_ mode: String) throws {
        _ = try Command.run("curl", "--silent", "--fail", "--data", "", "http://\(address)/mode/\(mode)")
    }

    func seen() throws -> Seen {
        let text = try Command.run("curl", "--silent", "--fail", "--max-time", "10", "http://\(address)/seen")
        return try JSONDecoder().decode(Seen.self, from: Data(text.utf8))
    }

    struct Seen: Decodable {
        let spans: [Span]
        let logs: [Line]
        let metrics: [String: Metric]
        let resources: [[String: String]]
        let headers: [String: String]
        /// Path → times of requests that were sent away, in seconds since 1970.
        let turnedAway: [String: [Double]]
        /// Spans of the largest request.
        let largest: Int

        func spans(_ name: String) -> [Span] { spans.filter { $0.name == name } }
    }

    struct Span: Decodable {
        let name: String
        let kind: Int
        let trace: String
        let span: String
        let parent: String
        let start: UInt64
        let end: UInt64
        let flags: Int
        let attributes: [String: String]
        /// `<trace>-<span>`
        let links: [String]
        let events: [Event]
        /// 0 unset, 1 ok, 2 error.
        let status: Int
        /// Of the status.
        let words: String

        struct Event: Decodable {
            let name: String
            let attributes: [String: String]
        }

        /// As links have it.
        var id: String { "\(trace)-\(span)" }
    }

    struct Line: Decodable {
        let body: String
        let severity: Int
        let level: String
        let time: UInt64
        let trace: String
        let span: String
        let attributes: [String: String]
    }

    struct Metric: Decodable {
        struct Point: Decodable {
            let attributes: [String: String]
            let start: UInt64
            let value: Double?
            let count: UInt64?
            let sum: Double?
            let buckets: [UInt64]?
            /// `<trace>-<span>`
            let exemplars: [String]?
        }

        let kind: String
        let unit: String
        let points: [Point]
        let cumulative: Bool
        let monotonic: Bool
    }
}
