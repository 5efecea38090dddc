// Requests by their bytes.

import Testing
import WeirHTTP

@Suite struct HTTPHeadTests {
    private func parse(_ text: String) -> Result<HTTPHead, HTTPHead.Refusal> {
        let bytes = Array(text.utf8)
        return Result { () throws(HTTPHead.Refusal) in try HTTPHead(parsing: bytes[...]) }
    }

    @Test func aRequestIsTakenApart() throws {
        let head = try parse(
            "POST /subjects/a%2Fb%20c/versions?normalize=true&x=1+2&flag HTTP/1.1\r\nHost: h\r\nX-A:  b \r\nx-a: c\r\n"
                + "Content-Length: 12"
        ).get()
        #expect(head.method == "POST")
        #expect(head.path == ["subjects", "a/b c", "versions"])
        #expect(head.query == ["normalize": "true", "x": "1 2", "flag": ""])
        #expect(head.headers == ["host": "h", "x-a": "b, c", "content-length": "12"])
        #expect(head.contentLength == 12)
    }

    @Test(arguments: [
        ("", 400), ("GET", 400), ("GET /", 400), ("GET / HTTP/1.1 x", 400), ("get / HTTP/1.1", 400),
        ("GET / HTTP/2.0", 505), ("GET / http/1.1", 505), ("GET x HTTP/1.1", 400), ("GET /\u{1} HTTP/1.1", 400),
        ("GET /ä HTTP/1.1", 400), ("GET /%4 HTTP/1.1", 400), ("GET /%zz HTTP/1.1", 400), ("GET /%ff HTTP/1.1", 400),
        ("GET / HTTP/1.1\nHost: h", 400), ("GET / HTTP/1.1\r\nHost", 400), ("GET / HTTP/1.1\r\n: h", 400),
        ("GET / HTTP/1.1\r\nA b: h", 400), ("GET / HTTP/1.1\r\n A: h", 400), ("GET / HTTP/1.1\r\nA: \u{0}", 400),
        ("GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400), ("GET / HTTP/1.1\r\nContent-Length: -1", 400),
        ("GET / HTTP/1.1\r\nContent-Length: +1", 400), ("GET / HTTP/1.1\r\nContent-Length: ", 400),
        ("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", 411),
    ])
    func whatCanBeReadInTwoWaysIsRefused(_ text: String, _ status: Int) {
        guard case .failure(let refusal) = parse(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(refusal.status == status, "\(refusal)")
    }

    /// Whatever comes: an answer, and no end of the process.
    @Test func anythingMayCome() {
        var state: UInt64 = 42
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let good = Array("GET /a/b?c=d HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX: %41".utf8)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int(next() % 4) {
                let index = Int(next()) % bytes.count
                switch next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8(truncatingIfNeeded: next()), at: index)
                }
            }
            if (try? HTTPHead(parsing: bytes[...])) != nil { taken += 1 }
        }
        #expect((2000...19_000).contains(taken), "\(taken)")
    }
}
