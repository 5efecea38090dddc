// Requests to a collector, by libcurl; the only file here that touches its types.

internal import CCurl

/// One connection, kept open between requests. Blocks; used by one thread.
final class OTLPClient {
    enum Outcome: Equatable {
        case taken
        /// Worth another try, not before so many seconds if the collector says so.
        case later(String, after: Int64?)
        /// Another try would end the same.
        case refused(String)
    }

    private static let isPrepared = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let url: String
    private let headers: [String]
    private let handle: UnsafeMutableRawPointer

    /// The first of what the collector answers, for the log.
    private final class Answer {
        var bytes: [UInt8] = []
    }

    init(_ settings: OTLPSettings, path: String) {
        url = settings.endpoint + path
        headers = settings.headers
        guard Self.isPrepared, let handle = curl_easy_init() else { fatalError("libcurl has no memory to start") }
        self.handle = handle
    }

    deinit { curl_easy_cleanup(handle) }

    /// - Parameter timeout: for all of it, in milliseconds.
    func post(_ body: [UInt8], timeout: Int) -> Outcome {
        curl_easy_reset(handle)
        var failed: CURLcode?
        func set(_ code: CURLcode) { if code != CURLE_OK, failed == nil { failed = code } }
        set(weir_curl_set_text(handle, CURLOPT_URL, url))
        set(weir_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
        set(weir_curl_set_text(handle, CURLOPT_USERAGENT, "weir"))
        set(weir_curl_set_long(handle, CURLOPT_NOSIGNAL, 1))
        set(weir_curl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout))
        set(weir_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, timeout / 3)))
        var list = curl_slist_append(nil, "Content-Type: application/x-protobuf")
        defer { curl_slist_free_all(list) }
        // libcurl would ask first whether a large body is welcome, and wait a second for the answer.
        for header in ["Expect:"] + headers { list = curl_slist_append(list, header) }
        set(weir_curl_set_list(handle, CURLOPT_HTTPHEADER, list))
        set(weir_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count))
        body.withUnsafeBytes { bytes in
            set(
                weir_curl_set_text(
                    handle, CURLOPT_COPYPOSTFIELDS, bytes.assumingMemoryBound(to: CChar.self).baseAddress))
        }
        let answer = Answer()
        set(weir_curl_set_context(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque()))
        set(
            weir_curl_set_write(handle) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
                let room = max(0, 200 - answer.bytes.count)
                answer.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: min(room, size * count)))
                return size * count
            })
        if let failed { return .refused(String(cString: curl_easy_strerror(failed))) }
        let result = withExtendedLifetime(answer) { curl_easy_perform(handle) }
        guard result == CURLE_OK else { return .later(String(cString: curl_easy_strerror(result)), after: nil) }
        return Self.judge(
            weir_curl_status(handle), retryAfter: weir_curl_retry_after(handle),
            words: String(decoding: answer.bytes, as: UTF8.self))
    }

    /// As the protocol's page on OTLP/HTTP has it: of failures, these four may pass.
    private static func judge(_ status: Int, retryAfter: Int, words: String) -> Outcome {
        switch status {
        case 200..<300: .taken
        case 429, 502, 503, 504: .later("HTTP \(status)", after: retryAfter > 0 ? Int64(retryAfter) : nil)
        default: .refused("HTTP \(status) \(words.filter { $0.isASCII && !$0.isNewline })")
        }
    }
}
