// weir lag --exporter: rounds on the main thread, and the last one's values for whoever scrapes.

import Foundation
import Logging
import Synchronization
import WeirCore
import WeirHTTP
import WeirLag
import WeirObserve
import WeirRuntime

/// Scrapes cause no questions to the cluster, however many there are.
struct LagExporter {
    private let rounds: LagRounds
    private var watch: LagWatch
    /// Microseconds.
    private let every: Int64
    private let shelf = Shelf()

    /// What the HTTP server's threads share with the main one.
    private final class Shelf: Sendable {
        let exposition = Mutex(LagExposition())
    }

    init(_ rounds: LagRounds, _ watch: LagWatch, every: Int64) {
        self.rounds = rounds
        self.watch = watch
        self.every = every
    }

    /// A round that takes long, and two that fail, leave the values standing; then they are told no more.
    private var staleAfter: Int64 { 3 * every + 10_000_000 }

    consuming func serve(_ address: String, portFile: String?) throws {
        var exporter = self
        let logger = LineLog.logger(.info)
        let server = try exporter.server(address)
        // After a first round: a scrape at the start shall not say that all is lost.
        try exporter.look()
        let ready = portFile.map { ReadyFile(path: $0) }
        try ready?.write(server.address)
        defer { ready?.remove() }
        say("consumer groups' lag at \(server.address)/metrics; Ctrl-C ends it")
        var isAway = false
        while Signals.wait(milliseconds: Int(exporter.every / 1000)) == nil {
            do {
                try exporter.look()
                if isAway { logger.info("Kafka answers again") }
                isAway = false
            } catch {
                if !isAway { logger.warning("no round; tried again", metadata: ["error": "\(error)"]) }
                isAway = true
                exporter.shelf.exposition.withLock { $0.isAnswering = false }
            }
        }
        server.stop()
    }

    private mutating func look() throws {
        let began = WallClock.monotonic()
        let report = watch.take(try rounds.take())
        let ended = WallClock.monotonic()
        shelf.exposition.withLock {
            $0.report = report
            $0.roundEnded = ended
            $0.roundTook = ended - began
            $0.isAnswering = true
        }
    }

    private func server(_ address: String) throws -> HTTPServer {
        guard let place = ListenAddress(address) else {
            throw WeirError(.usage, "--exporter \(address): expected an address and a port, like 127.0.0.1:9308")
        }
        let (shelf, staleAfter) = (shelf, staleAfter)
        do {
            return try HTTPServer(host: place.host, port: place.port) { Self.answer($0, shelf, staleAfter) }
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Use --exporter 127.0.0.1:0 for a port that is free.")
        }
    }

    private static func answer(_ request: HTTPRequest, _ shelf: Shelf, _ staleAfter: Int64) -> HTTPResponse {
        guard request.path == ["metrics"] else {
            return HTTPResponse(status: 404, type: "text/plain; charset=utf-8", text: "metrics are at /metrics\n")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(status: 405, type: "text/plain; charset=utf-8", text: "GET alone is allowed\n")
        }
        let format = MetricPage.Format(accepting: request.headers["accept"])
        let exposition = shelf.exposition.withLock { $0 }
        let page = exposition.encoded(format, now: WallClock.monotonic(), staleAfter: staleAfter)
        return HTTPResponse(status: 200, type: format.contentType, bytes: page)
    }
}
