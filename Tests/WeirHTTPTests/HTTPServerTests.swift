// The server against curl, and against clients that curl is not: slow, greedy, ill-mannered.

import Foundation
import Synchronization
import Testing
import WeirCore
import WeirHTTP

@Suite struct HTTPServerTests {
    /// Without a handler, it tells what it was asked.
    private func serve(
        _ change: (inout HTTPServer.Limits) -> Void = { _ in }, _ handler: HTTPServer.Handler? = nil
    ) throws -> HTTPServer {
        var limits = HTTPServer.Limits()
        change(&limits)
        return try HTTPServer(port: 0, limits: limits) { request in
            if let handler { return handler(request) }
            let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return HTTPResponse(
                status: 200, type: "text/plain",
                text: "\(request.method) \(request.path) \(query) \(request.headers["x-a"] ?? "") \(request.body.count)"
            )
        }
    }

    // MARK: curl

    @Test func requestsAreAnswered() throws {
        let server = try serve()
        defer { server.stop() }
        #expect(server.address == "http://127.0.0.1:\(server.port)")
        #expect(
            try curl("\(server.address)/a%2Fb%20c/d?x=1+2&flag", "-H", "X-A: b")
                == #"GET ["a/b c", "d"] ["flag=", "x=1 2"] b 0"#)
        #expect(try curl(server.address, "-X", "PUT", "-d", "123") == "PUT [] []  3")
        let head = try curl("\(server.address)/h", "-I")
        #expect(head.hasPrefix("HTTP/1.1 200") && head.lowercased().contains("content-length: 16"), "\(head)")
        #expect(try curl(server.address, "--http1.0") == "GET [] []  0")
        // Large enough that curl asks first whether to send it, and in chunks.
        let large = FileManager.default.temporaryDirectory.appending(path: "weir-http-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: large) }
        try Data(count: 3 << 20).write(to: large)
        for more in [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]] {
            #expect(try curl([server.address, "--data-binary", "@\(large.path())"] + more) == "POST [] []  3145728")
        }
        #expect(
            try curl("\(server.address)/1", "\(server.address)/2", "-w", " %{num_connects};")
                == #"GET ["1"] []  0 1;GET ["2"] []  0 0;"#)
    }

    @Test(arguments: ["/%4", "/%zz", "/%ff", "/a?x=%f"])
    func whatIsNoPathIsRefused(_ target: String) throws {
        let server = try serve()
        defer { server.stop() }
        #expect(try RawClient(port: server.port).ask(target).hasPrefix("HTTP/1.1 400"))
    }

    @Test func bodiesMayStream() throws {
        let (steps, step) = AsyncStream.makeStream(of: String.self)
        let server = try serve { _ in
        } _: { _ in
            HTTPResponse(
                status: 200, headers: [("Content-Type", "text/event-stream")],
                body: .stream { writer in
                    for await text in steps { try await writer.write("data: \(text)\n\n") }
                })
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\n\r\n")
        // Each piece is there while the next is not made yet.
        for number in 1...3 {
            step.yield("\(number)")
            #expect(client.receive(until: "data: \(number)\n\n\r\n").hasSuffix("9\r\ndata: \(number)\n\n\r\n"))
        }
        step.finish()
        #expect(client.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
        // The connection goes on, and so do clients that know no chunks.
        client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(client.receive(until: "0\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        #expect(try curl(server.address, "--http1.0", "-i").hasPrefix("HTTP/1.0 200"))
    }

    /// The second request is answered when the first one's time between requests would begin.
    @Test func requestsMayBeSentAhead() throws {
        let served = Mutex(0)
        let server = try serve {
            $0.idleTime = .milliseconds(300)
        } _: { request in
            served.withLock { $0 += 1 }
            return HTTPResponse(
                status: 200,
                body: .stream { writer in
                    // Not a wait for something: an answer of three idle times is what is tested.
                    if request.path == ["long"] { try await Task.sleep(for: .milliseconds(900)) }
                    try await writer.write("\(request.path)")
                })
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET /1 HTTP/1.1\r\n\r\nGET /long HTTP/1.1\r\nConnection: close\r\n\r\nGET /3 HTTP/1.1\r\n\r\n")
        let answer = client.receive(until: nil)
        #expect(answer.contains(#"["1"]"#) && answer.contains("[\"long\"]\r\n0\r\n\r\n"), "\(answer)")
        // Behind a close there is no request any more.
        #expect(served.withLock { $0 } == 2)
    }

    /// curl tells it from a body that is whole: exit code 18.
    @Test func aBodyThatFailsHasNoEnd() throws {
        struct Failure: Error {}
        let server = try serve { _ in
        } _: { _ in
            HTTPResponse(
                status: 200,
                body: .stream { writer in
                    try await writer.write("half")
                    throw Failure()
                })
        }
        defer { server.stop() }
        #expect(throws: Curl.Failure(end: .status(18), output: "half")) { try curl(server.address) }
    }

    // MARK: Clients that go, wait, or want too much

    @Test func aStreamEndsWithItsClient() throws {
        let (begun, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try serve { _ in
        } _: { _ in
            HTTPResponse(
                status: 200,
                body: .stream { _ in
                    begun.signal()
                    defer { ended.signal() }
                    // Stands for a stream without end; it is cancelled.
                    try await Task.sleep(for: .seconds(3600))
                })
        }
        var client: RawClient? = try RawClient(port: server.port)
        client?.send("GET / HTTP/1.1\r\n\r\n")
        #expect(begun.wait(timeout: .now() + 10) == .success)
        client = nil
        #expect(ended.wait(timeout: .now() + 10) == .success)
        // And with the server.
        let other = try RawClient(port: server.port)
        other.send("GET / HTTP/1.1\r\n\r\n")
        #expect(begun.wait(timeout: .now() + 10) == .success)
        server.stop(within: .milliseconds(100))
        #expect(ended.wait(timeout: .now() + 10) == .success)
        withExtendedLifetime(other) {}
    }

    @Test(arguments: ["whole", "streams"]) func aClientThatReadsNothingIsLeft(_ body: String) throws {
        let server = try serve {
            $0.writeTime = .milliseconds(300)
            $0.connections = 1
        } _: { request in
            let piece = [UInt8](repeating: 65, count: 1 << 20)
            switch request.path {
            case ["whole"]: return HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 65, count: 64 << 20)))
            case ["streams"]:
                return HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        while true { try await writer.write(piece) }
                    })
            default: return HTTPResponse(status: 200, type: "text/plain", text: "")
            }
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET /\(body) HTTP/1.1\r\n\r\n")
        #expect(client.receive(1) == "H")
        #expect(try RawClient(port: server.port).ask("/").hasPrefix("HTTP/1.1 503"))
        #expect(try isServedAgain(server))
        withExtendedLifetime(client) {}
    }

    /// Whether there is room for a connection within 10 s.
    private func isServedAgain(_ server: HTTPServer) throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try RawClient(port: server.port).ask("/").hasPrefix("HTTP/1.1 200") { return true }
        }
        return false
    }

    /// A byte now and then would keep a server busy for ever that only looks at each read.
    @Test func aSlowClientGetsItsTimeAndNoMore() throws {
        let server = try serve {
            $0.requestTime = .milliseconds(400)
            $0.idleTime = .milliseconds(800)
        }
        defer { server.stop() }
        let begun = ContinuousClock.now
        let body = try RawClient(port: server.port)
        body.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n")
        let head = try RawClient(port: server.port)
        head.send("GET / HTTP/1.1\r\nX: ")
        let dripper = Thread {
            for _ in 0..<400 {
                let isTaken = [body.send("a"), head.send("a")]
                guard isTaken.contains(true) else { return }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
        dripper.start()
        #expect(body.receive(until: nil).hasPrefix("HTTP/1.1 408"))
        #expect(head.receive(until: nil).isEmpty)
        #expect(ContinuousClock.now - begun < .seconds(7))
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let server = try serve {
            $0.headBytes = 1000
            $0.bodyBytes = 1000
        }
        defer { server.stop() }
        #expect(
            try curl(server.address, "-H", "X: \(String(repeating: "x", count: 500))", "-w", "%{http_code}").hasSuffix(
                "200"))
        #expect(
            try curl(server.address, "-H", "X: \(String(repeating: "x", count: 1000))", "-w", "%{http_code}") == "400")
        let body = String(repeating: "x", count: 1001)
        #expect(try curl(server.address, "-d", String(body.dropLast())).hasSuffix("1000"))
        for more in [[], ["-H", "Transfer-Encoding: chunked"]] {
            let answer = try curl([server.address, "-d", body, "-w", "%{http_code}"] + more)
            #expect(answer == "the body is longer than 1000 bytes\n413")
        }
        let boundless = try RawClient(port: server.port)
        boundless.send("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")
        #expect(boundless.receive(until: nil).hasPrefix("HTTP/1.1 4"))
        #expect(try curl(server.address) == "GET [] []  0")
    }

    /// Whoever stands in front may have believed the other one.
    @Test(arguments: [
        "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: -1", "Content-Length: +1", "A b: c", ": c",
    ])
    func whatCanBeReadInTwoWaysIsRefused(_ header: String) throws {
        let server = try serve()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("POST / HTTP/1.1\r\n\(header)\r\n\r\n")
        #expect(client.receive(until: nil).hasPrefix("HTTP/1.1 400"))
    }

    @Test func tooManyConnectionsAreToldSo() throws {
        let server = try serve { $0.connections = 4 }
        defer { server.stop() }
        var holders = try (0..<4).map { _ in try RawClient(port: server.port) }
        for holder in holders {
            holder.send("GET / HTTP/1.1\r\n\r\n")
            #expect(holder.receive(until: "  0").hasPrefix("HTTP/1.1 200"))
        }
        #expect(try RawClient(port: server.port).ask("/").hasPrefix("HTTP/1.1 503"))
        // One goes, and there is room again.
        holders.removeLast()
        #expect(try isServedAgain(server))
    }

    @Test func manyClientsAtOnce() throws {
        let server = try serve()
        defer { server.stop() }
        let answered = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 100) { number in
            for _ in 0..<20 {
                guard let client = try? RawClient(port: server.port) else { continue }
                if client.ask("/\(number)").contains("[\"\(number)\"]") { answered.withLock { $0 += 1 } }
            }
        }
        #expect(answered.withLock { $0 } == 2000)
    }

    // MARK: Begin and end

    @Test func stoppingWaitsForRequestsAndNotForIdleClients() throws {
        let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try serve { _ in
        } _: { _ in
            begun.signal()
            gate.wait()
            return HTTPResponse(status: 200, type: "text/plain", text: "done")
        }
        let idle = try RawClient(port: server.port)
        let busy = try RawClient(port: server.port)
        busy.send("GET / HTTP/1.1\r\n\r\n")
        begun.wait()
        let stopped = DispatchSemaphore(value: 0)
        Thread {
            server.stop(within: .seconds(60))
            stopped.signal()
        }.start()
        #expect(idle.receive(until: nil).isEmpty)
        gate.signal()
        #expect(busy.receive(until: nil).hasSuffix("done"))
        #expect(stopped.wait(timeout: .now() + 10) == .success)
        #expect(throws: POSIXError.self) { try RawClient(port: server.port) }
    }

    @Test func anAddressThatIsTakenOrNoneIsAnError() throws {
        let server = try serve()
        defer { server.stop() }
        for (host, port) in [("127.0.0.1", server.port), ("nowhere", 0), ("1.2.3", 0), ("127.0.0.1", 65_536)] {
            #expect(throws: HTTPServer.StartError.self) {
                try HTTPServer(host: host, port: port) { _ in HTTPResponse(status: 200, body: .bytes([])) }
            }
        }
    }
}
