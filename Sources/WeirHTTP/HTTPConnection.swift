// One client: its requests, one after another.

/// Used by its thread alone.
struct HTTPConnection {
    let socket: Socket
    let limits: HTTPServer.Limits
    let handler: HTTPServer.Handler
    let isStopping: () -> Bool

    func run() {
        var buffer: [UInt8] = []
        do {
            while let (head, body) = try nextRequest(&buffer) {
                let request = HTTPRequest(
                    method: head.method, path: head.path, query: head.query, headers: head.headers, body: body,
                    target: head.target)
                let wish = head.headers["connection"]?.lowercased() ?? ""
                let isLast = isStopping() || !head.isVersion11 || wish.contains("close")
                try Self.write(
                    handler(request), to: socket, isLast: isLast, isHead: head.method == "HEAD",
                    isChunked: head.isVersion11, time: limits.writeTime)
                if isLast { break }
            }
        } catch let refusal as HTTPHead.Refusal {
            let response = HTTPResponse(refusing: refusal.status, refusal.words)
            try? Self.write(
                response, to: socket, isLast: true, isHead: false, isChunked: false, time: .seconds(1))
        } catch {
            // The client is gone or too slow.
            return
        }
        socket.finish(until: .now + .milliseconds(200))
    }

    /// Nil when the client has no more, in good order.
    private func nextRequest(_ buffer: inout [UInt8]) throws -> (HTTPHead, [UInt8])? {
        if buffer.isEmpty {
            // A second at a time, so that stopping does not wait for clients that only hold a connection.
            let patience = ContinuousClock.now + limits.idleTime
            while buffer.isEmpty {
                do {
                    try socket.read(into: &buffer, most: 65_536, until: min(patience, .now + .milliseconds(500)))
                } catch {
                    if error == .timedOut, !isStopping(), ContinuousClock.now < patience { continue }
                    return nil
                }
            }
        }
        let deadline = ContinuousClock.now + limits.requestTime
        var scanned = 0
        var end = Self.endOfHead(buffer, from: &scanned)
        while end == nil {
            guard buffer.count <= limits.headBytes else {
                throw HTTPHead.Refusal(status: 431, words: "the head is longer than \(limits.headBytes) bytes")
            }
            try read(&buffer, until: deadline)
            end = Self.endOfHead(buffer, from: &scanned)
        }
        guard let end, end <= limits.headBytes else {
            throw HTTPHead.Refusal(status: 431, words: "the head is longer than \(limits.headBytes) bytes")
        }
        let head = try HTTPHead(parsing: buffer[..<end])
        guard head.contentLength <= limits.bodyBytes else {
            throw HTTPHead.Refusal(status: 413, words: "the body is longer than \(limits.bodyBytes) bytes")
        }
        let start = end + 4
        if buffer.count < start + head.contentLength, head.headers["expect"]?.lowercased() == "100-continue" {
            try socket.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), until: deadline)
        }
        while buffer.count < start + head.contentLength { try read(&buffer, until: deadline) }
        let body = Array(buffer[start..<start + head.contentLength])
        buffer.removeFirst(start + head.contentLength)
        return (head, body)
    }

    private func read(_ buffer: inout [UInt8], until deadline: ContinuousClock.Instant) throws {
        do {
            try socket.read(into: &buffer, most: 65_536, until: deadline)
        } catch Socket.Failure.timedOut {
            throw HTTPHead.Refusal(status: 408, words: "the request took longer than \(limits.requestTime)")
        }
    }

    /// Where the empty line begins. What was looked at before is not looked at again.
    private static func endOfHead(_ buffer: [UInt8], from scanned: inout Int) -> Int? {
        var index = max(0, scanned - 3)
        while index + 3 < buffer.count {
            if buffer[index] == 13, buffer[index + 1] == 10, buffer[index + 2] == 13, buffer[index + 3] == 10 {
                return index
            }
            index += 1
        }
        scanned = buffer.count
        return nil
    }

    // MARK: Writing

    /// - Parameters:
    ///   - isLast: the connection ends behind it.
    ///   - isChunked: a body that streams is sent in chunks; without, its end is the connection's.
    static func write(
        _ response: HTTPResponse, to socket: Socket, isLast: Bool, isHead: Bool, isChunked: Bool, time: Duration
    ) throws(Socket.Failure) {
        var text = "HTTP/1.1 \(response.status) \(HTTPResponse.phrase(response.status))\r\n"
        for header in response.headers { text += "\(header.name): \(header.value)\r\n" }
        if isLast { text += "Connection: close\r\n" }
        switch response.body {
        case .bytes(let bytes):
            text += "Content-Length: \(bytes.count)\r\n\r\n"
            try socket.write(Array(text.utf8) + (isHead ? [] : bytes), until: .now + time)
        case .stream(let produce):
            text += isChunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"
            try socket.write(Array(text.utf8), until: .now + time)
            if isHead { return }
            var failure: Socket.Failure?
            produce { bytes in
                guard failure == nil else { return false }
                guard !bytes.isEmpty else { return true }
                let frame = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
                let piece = isChunked ? frame + bytes + [13, 10] : bytes
                do throws(Socket.Failure) {
                    try socket.write(piece, until: .now + time)
                } catch {
                    failure = error
                }
                return failure == nil
            }
            if let failure { throw failure }
            if isChunked { try socket.write(Array("0\r\n\r\n".utf8), until: .now + time) }
        }
    }
}
