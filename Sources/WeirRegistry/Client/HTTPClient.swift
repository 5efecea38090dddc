// Requests over HTTP, by libcurl; the only file that touches its types.

internal import CCurl
internal import Synchronization
internal import WeirCore

/// One connection's worth of libcurl, kept open between requests. Blocks; used by one thread at a time.
final class HTTPClient {
    struct Response {
        let status: Int
        let body: [UInt8]
    }

    struct Failure: Error {
        let words: String
    }

    /// More than any schema has; whatever answers with more is no registry.
    private static let mostBytes = 32 << 20
    private static let isPrepared = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let settings: RegistrySettings
    private let handle: UnsafeMutableRawPointer

    /// Filled by libcurl's callback during a request.
    private final class Sink {
        var bytes: [UInt8] = []
        var isTooLarge = false
    }

    init(_ settings: RegistrySettings) {
        self.settings = settings
        guard Self.isPrepared, let handle = curl_easy_init() else { fatalError("libcurl has no memory to start") }
        self.handle = handle
    }

    deinit { curl_easy_cleanup(handle) }

    func send(_ method: String, _ url: String, body: String?) throws(Failure) -> Response {
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

        var headers = curl_slist_append(nil, "Accept: \(Self.type), application/json")
        defer { curl_slist_free_all(headers) }
        if let body {
            headers = curl_slist_append(headers, "Content-Type: \(Self.type)")
            // libcurl would ask first whether a large body is welcome, and wait a second for the answer.
            headers = curl_slist_append(headers, "Expect:")
            set(weir_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.utf8.count))
            set(weir_curl_set_text(handle, CURLOPT_COPYPOSTFIELDS, body))
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

    private static let type = "application/vnd.schemaregistry.v1+json"
}
