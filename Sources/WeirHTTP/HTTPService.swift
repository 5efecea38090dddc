// What the connections of a server share: the handler, its threads, and who is connected.

internal import Dispatch
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

final class HTTPService: Sendable {
    let limits: HTTPServer.Limits
    private let handler: HTTPServer.Handler
    private let threads = NIOThreadPool(numberOfThreads: 4)
    private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])
    /// Entered by each connection and each stream.
    private let alive = DispatchGroup()

    init(limits: HTTPServer.Limits, handler: @escaping HTTPServer.Handler) {
        self.limits = limits
        self.handler = handler
        threads.start()
    }

    /// Sets a connection up, on its event loop.
    func take(_ channel: any Channel) throws {
        let count = connections.withLock { connections in
            connections[ObjectIdentifier(channel)] = channel
            return connections.count
        }
        alive.enter()
        channel.closeFuture.whenComplete { [self] _ in
            connections.withLock { $0[ObjectIdentifier(channel)] = nil }
            alive.leave()
        }
        var head = NIOHTTPDecoderLimitConfiguration()
        head.maxHeaderFieldSize = limits.headBytes
        head.maxHeaderListSize = limits.headBytes
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            position: .last, withPipeliningAssistance: true, withServerUpgrade: nil, withErrorHandling: true,
            withOutboundHeaderValidation: true, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: head)
        try pipeline.addHandler(HTTPConnection(service: self, isOneTooMany: count > limits.connections))
    }

    func answer(_ request: HTTPRequest, on loop: any EventLoop) -> EventLoopFuture<HTTPResponse> {
        threads.runIfActive(eventLoop: loop) { [handler] in handler(request) }
    }

    /// Runs a body that streams on the connection's event loop, as its other work: no thread is held while it waits.
    func stream(
        on loop: any EventLoop, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        alive.enter()
        return Task(executorPreference: LoopExecutor(loop: loop)) { [alive] in
            await body()
            alive.leave()
        }
    }

    func stop(within time: Duration) {
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if alive.wait(timeout: .now() + time / .seconds(1)) == .timedOut {
            for channel in open { channel.close(promise: nil) }
            // Streams are cancelled by now; one that does not heed it is left behind.
            _ = alive.wait(timeout: .now() + 1)
        }
        end()
    }

    private var open: [any Channel] { connections.withLock { Array($0.values) } }

    func end() { try? threads.syncShutdownGracefully() }
}

/// Lets tasks run on an event loop's thread, whatever else the process's own pool of threads is busy with.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
