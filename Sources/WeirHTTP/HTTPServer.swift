// An HTTP/1.1 server for a handful of clients: the development registry, the console, metrics. SwiftNIO does the protocol.

internal import Dispatch
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Listens from `init` to `stop`. No TLS and no passwords: it is for this machine, or behind something that has both.
public final class HTTPServer: Sendable {
    /// Called on a thread that may block; several at once.
    public typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse

    /// What a client may use.
    public struct Limits: Sendable {
        /// Connections at once; further ones are answered with 503.
        public var connections = 128
        /// Of all header fields together.
        public var headBytes = 16 << 10
        public var bodyBytes = 8 << 20
        /// From a request's head to its last byte.
        public var requestTime: Duration = .seconds(10)
        /// Without a request on a connection; also for its head to come.
        public var idleTime: Duration = .seconds(30)
        /// For a response, or for each piece of one that streams, to be taken.
        public var writeTime: Duration = .seconds(10)

        public init() {}
    }

    public struct StartError: Error, Sendable, CustomStringConvertible {
        let words: String
        /// Somebody else listens there.
        public let isInUse: Bool
        public var description: String { words }

        init(words: String, isInUse: Bool = false) {
            self.words = words
            self.isInUse = isInUse
        }
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let service: HTTPService
    private let host: String

    public let port: Int

    /// - Parameters:
    ///   - host: an address of this machine, or `localhost`.
    ///   - port: 0 for one that is free.
    public init(
        host: String = "127.0.0.1", port: Int, limits: Limits = Limits(), handler: @escaping Handler
    ) throws(StartError) {
        let number = host == "localhost" ? "127.0.0.1" : host
        guard (0...65_535).contains(port), let address = try? SocketAddress(ipAddress: number, port: port) else {
            throw StartError(words: "\(host):\(port) is no address; expected one like 127.0.0.1:8081")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let service = HTTPService(limits: limits, handler: handler)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try service.take(channel) }
            }
        do {
            channel = try bootstrap.bind(to: address).wait()
        } catch {
            service.end()
            try? group.syncShutdownGracefully()
            let code = (error as? IOError)?.errnoCode
            throw StartError(
                words: "cannot listen on \(host):\(port): \(code.map { String(cString: strerror($0)) } ?? "\(error)")",
                isInUse: code == EADDRINUSE)
        }
        self.group = group
        self.service = service
        self.host = number.contains(":") ? "[\(number)]" : number
        self.port = channel.localAddress?.port ?? port
    }

    /// `http://127.0.0.1:8081`
    public var address: String { "http://\(host):\(port)" }

    /// Takes no more connections, waits so long at the most for responses that are under way, and ends the rest.
    public func stop(within time: Duration = .seconds(2)) {
        try? channel.close().wait()
        service.stop(within: time)
        try? group.syncShutdownGracefully()
    }
}
