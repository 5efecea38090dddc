// The server against clients that behave, and clients that do not.

import Foundation
import Synchronization
import Testing
import WeirHTTP

@Suite struct HTTPServerTests {
    private func serve(
        _ change: (inout HTTPServer.Limits) -> Void = { _ in }, _ handler: HTTPServer.Handler? = nil
    ) throws -> HTTPServer {
        var limits = HTTPServer.Limits()
        change(&limits)
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { request in
            if let handler { return handler(request) }
            let text =
                "\(request.method) \(request.path) \(request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) \(request.body.count)"
            return HTTPResponse(status: 200, type: "text/plain", text: text)
        }
        server.start()
        return server
    }

    @Test func requestsAreAnswered() throws {
        let server = try serve()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET /a/b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(client.receive(until: "0").hasSuffix(#"GET ["a", "b"] ["x=1"] 0"#))
        // Two at once on the same connection, the second with a body that comes in pieces.
        client.send("GET /first HTTP/1.1\r\n\r\nPOST /second HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc")
        #expect(client.receive(until: "first").contains("first"))
        client.send("def")
        #expect(client.receive(until: " 6").hasSuffix(#"POST ["second"] [] 6"#))
        client.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        let head = client.receive(until: nil)
        #expect(head.hasSuffix("\r\n\r\n") && head.contains("Content-Length: 12"), "\(head)")
        let old = try RawClient(port: server.port)
        old.send("GET / HTTP/1.0\r\n\r\n")
        #expect(old.receive(until: nil).contains("Connection: close"))
        let expecting = try RawClient(port: server.port)
        expecting.send("POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(expecting.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        expecting.send("ab")
        #expect(expecting.receive(until: " 2").hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test func bodiesMayStream() throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try serve { _ in
        } _: { _ in
            HTTPResponse(
                status: 200, headers: [("Content-Type", "text/event-stream")],
                body: .stream { write in
                    _ = write(Array("data: 1\n\n".utf8))
                    gate.wait()
                    _ = write(Array("data: 2\n\n".utf8))
                })
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        // The first piece is there while the second is not made yet.
        #expect(client.receive(until: "data: 1\n\n").contains("9\r\ndata: 1\n\n"))
        gate.signal()
        #expect(client.receive(until: nil).hasSuffix("9\r\ndata: 2\n\n\r\n0\r\n\r\n"))
        let old = try RawClient(port: server.port)
        gate.signal()
        old.send("GET / HTTP/1.0\r\n\r\n")
        #expect(old.receive(until: nil).hasSuffix("\r\n\r\ndata: 1\n\ndata: 2\n\n"))
    }

    @Test func aClientThatReadsNothingIsLeft() throws {
        let ended = DispatchSemaphore(value: 0)
        let server = try serve {
            $0.writeTime = .milliseconds(300)
        } _: { _ in
            HTTPResponse(
                status: 200,
                body: .stream { write in
                    let piece = [UInt8](repeating: 65, count: 1 << 20)
                    for _ in 0..<1000 where !write(piece) { break }
                    while write(piece) {}
                    ended.signal()
                })
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(ended.wait(timeout: .now() + 10) == .success)
        withExtendedLifetime(client) {}
    }

    @Test func aSlowClientGetsItsTimeAndNoMore() throws {
        let server = try serve { $0.requestTime = .milliseconds(400) }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        let begun = ContinuousClock.now
        // A byte now and then would keep a server busy for ever that only looks at each read.
        let dripper = Thread {
            client.send("GET / HTTP/1.1\r\nX: ")
            for _ in 0..<100 where client.send("a") { Thread.sleep(forTimeInterval: 0.02) }
        }
        dripper.start()
        let answer = client.receive(until: nil)
        #expect(answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
        #expect(ContinuousClock.now - begun < .seconds(5))
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let server = try serve {
            $0.headBytes = 1000
            $0.bodyBytes = 1000
        }
        defer { server.stop() }
        let long = try RawClient(port: server.port)
        long.send("GET / HTTP/1.1\r\nX: ")
        for _ in 0..<100 where long.send([UInt8](repeating: 97, count: 10_000)) {}
        #expect(long.receive(until: nil).hasPrefix("HTTP/1.1 431"))
        let body = try RawClient(port: server.port)
        body.send("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n")
        #expect(body.receive(until: nil).hasPrefix("HTTP/1.1 413"))
        let chunked = try RawClient(port: server.port)
        chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        #expect(chunked.receive(until: nil).hasPrefix("HTTP/1.1 411"))
        #expect(try RawClient(port: server.port).ask("/").hasPrefix("HTTP/1.1 200"))
    }

    @Test func tooManyConnectionsAreToldSo() throws {
        let server = try serve { $0.connections = 4 }
        defer { server.stop() }
        let holders = try (0..<4).map { _ in try RawClient(port: server.port) }
        for holder in holders {
            holder.send("GET / HTTP/1.1\r\n\r\n")
            #expect(holder.receive(until: " 0").hasPrefix("HTTP/1.1 200"))
        }
        #expect(try RawClient(port: server.port).ask("/").hasPrefix("HTTP/1.1 503"))
        // One goes, and there is room again.
        holders[0].send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        _ = holders[0].receive(until: nil)
        let deadline = ContinuousClock.now + .seconds(10)
        var answer = ""
        while !answer.hasPrefix("HTTP/1.1 200"), ContinuousClock.now < deadline {
            answer = try RawClient(port: server.port).ask("/")
        }
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        withExtendedLifetime(holders) {}
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

    @Test func stoppingWaitsForRequestsAndNotForIdleClients() throws {
        let server = try serve { _ in
        } _: { _ in
            Thread.sleep(forTimeInterval: 0.3)
            return HTTPResponse(status: 200, type: "text/plain", text: "done")
        }
        let idle = try RawClient(port: server.port)
        let busy = try RawClient(port: server.port)
        busy.send("GET / HTTP/1.1\r\n\r\n")
        Thread.sleep(forTimeInterval: 0.1)
        let begun = ContinuousClock.now
        server.stop(within: .seconds(5))
        #expect(ContinuousClock.now - begun < .seconds(4))
        #expect(busy.receive(until: "done").hasSuffix("done"))
        withExtendedLifetime(idle) {}
    }

    @Test func anAddressThatIsTakenOrNoneIsAnError() throws {
        let server = try serve()
        #expect(throws: HTTPServer.StartError.self) {
            try HTTPServer(host: "127.0.0.1", port: server.port) { _ in HTTPResponse(status: 200, body: .bytes([])) }
        }
        for host in ["nowhere", "1.2.3", "::1"] {
            #expect(throws: HTTPServer.StartError.self) {
                try HTTPServer(host: host, port: 0) { _ in HTTPResponse(status: 200, body: .bytes([])) }
            }
        }
    }
}
