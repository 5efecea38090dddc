// Requests over HTTP, by libcurl; the only file that touches its types.

internal import CCurl

/// One connection's worth of libcurl, kept open between requests. Blocks; used by one thread at a time.
package final class HTTPClient {
    package struct Settings: Sendable {
        /// Media types that are welcome, as the field `Accept` has them.
        package var accepts = "*/*"
        /// Longest for one request, in milliseconds; connecting may take a third of it.
        package var timeout = 6000
        package var credentials = Credentials.none
        /// PEM file of the authorities that the server's certificate must be from; nil for the system's.
        package var authority: String?
        /// PEM files of a client certificate and its key.
        package var certificate: String?
        package var key: String?

        package init() {}
    }

    package enum Credentials: Sendable, Equatable {
        case none
        case basic(user: String, password: String)
        case bearer(String)
    }

    /// What is sent along, and its media type.
    package struct Body {
        let text: String
        let type: String

        package init(_ text: String, type: String) {
            self.text = text
            self.type = type
        }
    }

    package struct Response {
        package let status: Int
        package let body: [UInt8]
    }

    package struct Failure: Error {
        package let words: String
    }

    /// More than any answer has that is wanted here; whatever sends more is another server than was meant.
    private static let mostBytes = 32 << 20
    private static let isPrepared = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let settings: Settings
    private let handle: UnsafeMutableRawPointer

    /// Filled by libcurl's callback during a request.
    private final class Sink {
        var bytes: [UInt8] = []
        var isTooLarge = false
    }

    package init(_ settings: Settings) {
        self.settings = settings
        guard Self.isPrepared, let handle = curl_easy_init() else { fatalError("libcurl has no memory to start") }
        self.handle = handle
    }

    deinit { curl_easy_cleanup(handle) }

    /// - Parameters:
    ///   - url: of http or https.
    ///   - fields: of the head, besides those that it has anyway; one whose value has a line break is left out.
    /// - Throws: `Failure` if there is no whole answer in time.
    package func send(
        _ method: String, _ url: String, fields: [(name: String, value: String)] = [], body: Body? = nil
    ) throws(Failure) -> Response {
        curl_easy_reset(handle)
        var failed: CURLcode?
        func set(_ code: CURLcode) { if code != CURLE_OK, failed == nil { failed = code } }
        set(weir_curl_set_text(handle, CURLOPT_URL, url))
        set(weir_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
        set(weir_curl_set_text(handle, CURLOPT_USERAGENT, "weir"))
        set(weir_curl_set_long(handle, CURLOPT_NOSIGNAL, 1))
        set(weir_curl_set_long(handle, CURLOPT_TIMEOUT_MS, settings.timeout))
        set(weir_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, settings.timeout / 3)))
        switch settings.credentials {
        case .none: break
        case .basic(let user, let password):
            set(weir_curl_set_long(handle, CURLOPT_HTTPAUTH, weir_curl_auth_basic))
            set(weir_curl_set_text(handle, CURLOPT_USERNAME, user))
            set(weir_curl_set_text(handle, CURLOPT_PASSWORD, password))
        case .bearer(let token):
            set(weir_curl_set_long(handle, CURLOPT_HTTPAUTH, weir_curl_auth_bearer))
            set(weir_curl_set_text(handle, CURLOPT_XOAUTH2_BEARER, token))
        }
        if let file = settings.authority { set(weir_curl_set_text(handle, CURLOPT_CAINFO, file)) }
        if let file = settings.certificate { set(weir_curl_set_text(handle, CURLOPT_SSLCERT, file)) }
        if let file = settings.key { set(weir_curl_set_text(handle, CURLOPT_SSLKEY, file)) }

        var headers = curl_slist_append(nil, "Accept: \(settings.accepts)")
        defer { curl_slist_free_all(headers) }
        for (name, value) in fields where !value.contains(where: \.isNewline) {
            headers = curl_slist_append(headers, "\(name): \(value)")
        }
        if let body {
            headers = curl_slist_append(headers, "Content-Type: \(body.type)")
            // libcurl would ask first whether a large body is welcome, and wait a second for the answer.
            headers = curl_slist_append(headers, "Expect:")
            set(weir_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.text.utf8.count))
            set(weir_curl_set_text(handle, CURLOPT_COPYPOSTFIELDS, body.text))
        }
        set(weir_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method))
        set(weir_curl_set_list(handle, CURLOPT_HTTPHEADER, headers))

        let sink = Sink()
        let context = Unmanaged.passUnretained(sink).toOpaque()
        set(weir_curl_set_context(handle, CURLOPT_WRITEDATA, context))
        set(
            weir_curl_set_write(handle) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                let total = size * count
                guard sink.bytes.count + total <= HTTPClient.mostBytes else {
                    sink.isTooLarge = true
                    return 0
                }
                sink.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: total))
                return total
            })
        if let failed { throw Failure(words: "\(url): \(String(cString: curl_easy_strerror(failed)))") }
        let result = withExtendedLifetime(sink) { curl_easy_perform(handle) }
        if sink.isTooLarge { throw Failure(words: "\(url): the answer is longer than \(Self.mostBytes) bytes") }
        guard result == CURLE_OK else { throw Failure(words: "\(url): \(String(cString: curl_easy_strerror(result)))") }
        return Response(status: weir_curl_status(handle), body: sink.bytes)
    }
}
