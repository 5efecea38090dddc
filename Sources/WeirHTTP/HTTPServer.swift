// A small HTTP/1.1 server: a thread for each connection, bounds on everything a client decides.

internal import Foundation
internal import Synchronization

/// For a handful of clients on this machine: the development registry, the console, metrics. No TLS.
///
/// Why not a package: FlyingFox ends when descriptors run out and has no time limit for a request; SwiftNIO tripled the
/// time of a first build (DESIGN.md has the numbers).
public final class HTTPServer: Sendable {
    public typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse

    /// What a client may use.
    public struct Limits: Sendable {
        /// Connections at once; further ones are answered with 503.
        public var connections = 128
        public var headBytes = 16 << 10
        public var bodyBytes = 8 << 20
        /// From a request's first byte to its last.
        public var requestTime: Duration = .seconds(10)
        /// Between requests on one connection.
        public var idleTime: Duration = .seconds(30)
        /// For a response, or for each piece of one that streams, to be taken.
        public var writeTime: Duration = .seconds(10)

        public init() {}
    }

    public struct StartError: Error, Sendable, CustomStringConvertible {
        let words: String
        public var description: String { words }
    }

    private let listener: Listener
    private let limits: Limits
    private let handler: Handler
    private let isStopping = Atomic(false)
    private let connections = Atomic(0)
    private let accepting = DispatchSemaphore(value: 0)

    /// Listens; connections are served from `start` on.
    public init(host: String, port: Int, limits: Limits = Limits(), handler: @escaping Handler) throws(StartError) {
        listener = try Listener(host: host, port: port)
        self.limits = limits
        self.handler = handler
    }

    public var port: Int { listener.port }

    /// `http://127.0.0.1:8081`
    public var address: String { "http://\(listener.host):\(listener.port)" }

    public func start() {
        let thread = Thread { [self] in
            while !isStopping.load(ordering: .relaxed) {
                if let socket = listener.accept(milliseconds: 100) { serve(socket) }
            }
            accepting.signal()
        }
        thread.name = "weir-http"
        thread.start()
    }

    /// Takes no more connections, and waits so long at the most for requests that are being answered.
    public func stop(within time: Duration = .seconds(2)) {
        isStopping.store(true, ordering: .relaxed)
        accepting.wait()
        let deadline = ContinuousClock.now + time
        while connections.load(ordering: .relaxed) > 0, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    private func serve(_ socket: Socket) {
        guard connections.load(ordering: .relaxed) < limits.connections else {
            // It fits the socket's buffer, or the client does not get it.
            let refusal = HTTPResponse(refusing: 503, "too many connections")
            try? HTTPConnection.write(refusal, to: socket, isLast: true, isHead: false, isChunked: false, time: .zero)
            return
        }
        connections.add(1, ordering: .relaxed)
        let thread = Thread { [self] in
            let connection = HTTPConnection(
                socket: socket, limits: limits, handler: handler,
                isStopping: { [self] in isStopping.load(ordering: .relaxed) })
            connection.run()
            connections.subtract(1, ordering: .relaxed)
        }
        thread.stackSize = 1 << 20
        thread.name = "weir-http-client"
        thread.start()
    }
}
