// The first part of a request, from bytes that anybody may have sent (RFC 9110, RFC 9112).

/// Request line and headers. Strict: whatever could be read in two ways is refused.
package struct HTTPHead: Sendable, Equatable {
    /// Why a request is answered with an error and the connection closed.
    package struct Refusal: Error, Equatable {
        package let status: Int
        package let words: String
    }

    package let method: String
    package let target: String
    package let path: [String]
    package let query: [String: String]
    package let isVersion11: Bool
    package let headers: [String: String]
    package let contentLength: Int

    /// - Parameter text: what stands before the empty line.
    package init(parsing text: ArraySlice<UInt8>) throws(Refusal) {
        var lines: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        for index in text.indices where text[index] == 10 {
            guard index > start, text[index - 1] == 13 else {
                throw Refusal(status: 400, words: "a line ends without CR")
            }
            lines.append(text[start..<index - 1])
            start = index + 1
        }
        lines.append(text[start...])
        let parts = lines[0].split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy({ (65...90).contains($0) }) else {
            throw Refusal(status: 400, words: "not a request line of HTTP/1.1")
        }
        switch String(decoding: parts[2], as: UTF8.self) {
        case "HTTP/1.1": isVersion11 = true
        case "HTTP/1.0": isVersion11 = false
        default: throw Refusal(status: 505, words: "HTTP/1.1 is spoken here")
        }
        guard parts[1].first == 47, parts[1].allSatisfy({ (33...126).contains($0) }) else {
            throw Refusal(status: 400, words: "the target is no path")
        }
        method = String(decoding: parts[0], as: UTF8.self)
        target = String(decoding: parts[1], as: UTF8.self)
        (path, query) = try Self.split(parts[1])
        let headers = try Self.headers(lines.dropFirst())
        self.headers = headers
        guard headers["transfer-encoding"] == nil else {
            throw Refusal(status: 411, words: "a body needs a Content-Length")
        }
        guard let length = headers["content-length"] else {
            contentLength = 0
            return
        }
        guard !length.isEmpty, length.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(length) else {
            throw Refusal(status: 400, words: "Content-Length is no number")
        }
        contentLength = count
    }

    private static func headers(_ lines: ArraySlice<ArraySlice<UInt8>>) throws(Refusal) -> [String: String] {
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: 58), colon > line.startIndex, line[..<colon].allSatisfy(isToken)
            else {
                throw Refusal(status: 400, words: "a header line has no name")
            }
            var value = line[(colon + 1)...]
            while let first = value.first, first == 32 || first == 9 { value.removeFirst() }
            while let last = value.last, last == 32 || last == 9 { value.removeLast() }
            guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
                throw Refusal(status: 400, words: "a header holds control characters")
            }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let text = String(decoding: value, as: UTF8.self)
            // Two lengths, or two hosts: somebody in front may have believed the other one.
            if headers[name] != nil, ["content-length", "host", "transfer-encoding"].contains(name) {
                throw Refusal(status: 400, words: "\(name) is given twice")
            }
            headers[name] = headers[name].map { "\($0), \(text)" } ?? text
        }
        return headers
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func split(_ target: ArraySlice<UInt8>) throws(Refusal) -> ([String], [String: String]) {
        let parts = target.split(separator: 63, maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in parts[0].split(separator: 47) { path.append(try decode(segment, isForm: false)) }
        var query: [String: String] = [:]
        guard parts.count == 2 else { return (path, query) }
        for pair in parts[1].split(separator: 38) {
            let sides = pair.split(separator: 61, maxSplits: 1, omittingEmptySubsequences: false)
            query[try decode(sides[0], isForm: true)] = sides.count == 2 ? try decode(sides[1], isForm: true) : ""
        }
        return (path, query)
    }

    private static func decode(_ text: ArraySlice<UInt8>, isForm: Bool) throws(Refusal) -> String {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            defer { index += 1 }
            if text[index] == 43, isForm {
                bytes.append(32)
            } else if text[index] == 37 {
                guard index + 2 < text.endIndex, let high = digit(text[index + 1]), let low = digit(text[index + 2])
                else {
                    throw Refusal(status: 400, words: "a percent sign is not followed by two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
                index += 2
            } else {
                bytes.append(text[index])
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(status: 400, words: "the target is not UTF-8")
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
