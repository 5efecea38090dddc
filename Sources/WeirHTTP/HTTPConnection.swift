// One client: its requests, one after another.

internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Behind NIO's parser and its handler for requests sent ahead, which hands over the next one when the last is answered.
/// Used on its event loop alone.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: HTTPService
    private let isOneTooMany: Bool
    /// Of the request that comes or is answered.
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// A last response is on its way; whatever comes is dropped.
    private var isEnding = false
    private var timer: Scheduled<Void>?
    private var stream: Task<Void, Never>?

    init(service: HTTPService, isOneTooMany: Bool) {
        self.service = service
        self.isOneTooMany = isOneTooMany
    }

    private var limits: HTTPServer.Limits { service.limits }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        wait(limits.idleTime, context) { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        stream?.cancel()
        context.fireChannelInactive()
    }

    /// NIO has answered what is no HTTP already.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// One time limit at a time holds.
    private func wait(_ time: Duration, _ context: ChannelHandlerContext, _ late: @escaping () -> Void) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time), late)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes):
            body.append(contentsOf: bytes.readableBytesView)
            if body.count > limits.bodyBytes { refuseBody(context) }
        case .end: answer(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.head = head
        body = []
        if isOneTooMany { return refuse(503, "too many connections", context) }
        // A number too large for Int is too large here, and what is no number NIO has refused.
        if let length = head.headers.first(name: "content-length"), Int(length) ?? .max > limits.bodyBytes {
            return refuseBody(context)
        }
        wait(limits.requestTime, context) { [self] in
            refuse(408, "the request took longer than \(limits.requestTime)", context)
        }
        if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func refuseBody(_ context: ChannelHandlerContext) {
        refuse(413, "the body is longer than \(limits.bodyBytes) bytes", context)
    }

    /// Answers before the request is whole.
    private func refuse(_ status: Int, _ words: String, _ context: ChannelHandlerContext) {
        guard let head else { return context.close(promise: nil) }
        isEnding = true
        respond(HTTPResponse(refusing: status, words), to: head, context)
    }

    private func answer(_ context: ChannelHandlerContext) {
        timer?.cancel()
        guard let head else { return }
        guard let request = HTTPRequest(head, body: body) else {
            return refuse(400, "the target is no path in UTF-8 with percent signs before hexadecimal digits", context)
        }
        body = []
        service.answer(request, on: context.eventLoop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let response): respond(response, to: head, context)
            case .failure: context.close(promise: nil)
            }
        }
    }

    // MARK: Responses

    private func respond(_ response: HTTPResponse, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let isLast = isEnding || !head.isKeepAlive
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        if isLast { headers.replaceOrAdd(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: response.status)
        func write(_ part: HTTPServerResponsePart) { context.write(wrapOutboundOut(part), promise: nil) }
        func writeHead() { write(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))) }
        switch response.body {
        case .bytes(let bytes):
            headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
            writeHead()
            if head.method != .HEAD { write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
            finish(isLast: isLast, context)
        case .stream(let produce):
            writeHead()
            guard head.method != .HEAD else { return finish(isLast: isLast, context) }
            context.flush()
            run(produce, isLast: isLast, context)
        }
    }

    private func run(
        _ produce: @escaping HTTPResponse.Produce, isLast: Bool, _ context: ChannelHandlerContext
    ) {
        let writer = HTTPBodyWriter(channel: context.channel, time: limits.writeTime)
        let done = context.eventLoop.makePromise(of: Void.self)
        stream = service.stream(on: context.eventLoop) {
            do {
                try await produce(writer)
                done.succeed()
            } catch {
                done.fail(error)
            }
        }
        done.futureResult.assumeIsolated().whenComplete { [self] result in
            stream = nil
            switch result {
            case .success: finish(isLast: isLast, context)
            // Without its end: so the client knows that the body is not whole.
            case .failure: context.close(promise: nil)
            }
        }
    }

    private func finish(isLast: Bool, _ context: ChannelHandlerContext) {
        // The client still sends: an answer that a reset follows at once may be lost.
        let isEarly = isEnding
        if isLast { isEnding = true }
        head = nil
        wait(limits.writeTime, context) { context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { [self] _ in
            if isEarly {
                wait(.milliseconds(200), context) { context.close(promise: nil) }
            } else if isLast {
                context.close(promise: nil)
            } else if head == nil {
                // Else the next request was sent ahead, and is being answered.
                wait(limits.idleTime, context) { context.close(promise: nil) }
            }
        }
    }
}

extension HTTPRequest {
    /// Nil if the target cannot be read.
    fileprivate init?(_ head: HTTPRequestHead, body: [UInt8]) {
        let target = head.uri
        guard target.hasPrefix("/") else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in parts[0].split(separator: "/") {
            guard let text = segment.removingPercentEncoding else { return nil }
            path.append(text)
        }
        var query: [String: String] = [:]
        for pair in parts.count == 2 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding
            }
            guard let name = sides[0], let value = sides.count == 2 ? sides[1] : "" else { return nil }
            query[name] = value
        }
        var headers: [String: String] = [:]
        for (name, value) in head.headers {
            let name = name.lowercased()
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        self.init(
            method: head.method.rawValue, path: path, query: query, headers: headers, body: body, target: target)
    }
}
