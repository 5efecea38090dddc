// What a client gets.

internal import NIOCore
internal import NIOHTTP1

public struct HTTPResponse: Sendable {
    /// Writes a body piece by piece. It is cancelled when the client goes or the server stops; if it throws, the
    /// connection ends without the body's end. It may wait, but not block its thread, which serves other clients, too.
    public typealias Produce = @Sendable (HTTPBodyWriter) async throws -> Void

    public enum Body: Sendable {
        case bytes([UInt8])
        case stream(Produce)
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: Int, type: String, text: String) {
        self.init(status: status, type: type, bytes: Array(text.utf8))
    }

    public init(status: Int, type: String, bytes: [UInt8]) {
        self.init(status: status, headers: [("Content-Type", type)], body: .bytes(bytes))
    }

    /// A plain sentence.
    init(refusing status: Int, _ words: String) {
        self.init(status: status, type: "text/plain; charset=utf-8", text: words + "\n")
    }
}

/// Takes the pieces of a body that streams.
public struct HTTPBodyWriter: Sendable {
    private let channel: any Channel
    private let time: Duration

    init(channel: any Channel, time: Duration) {
        self.channel = channel
        self.time = time
    }

    /// Returns when the piece is on its way, so that a slow client holds up whoever makes the pieces.
    ///
    /// - Throws: if the client is gone, or does not take the piece within the limit of time.
    public func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        guard !bytes.isEmpty else { return }
        let late = channel.eventLoop.scheduleTask(in: TimeAmount(time)) { [channel] in channel.close(promise: nil) }
        defer { late.cancel() }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))).get()
    }

    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }
}
