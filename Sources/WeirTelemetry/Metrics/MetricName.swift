// From the labels of swift-metrics to names that Prometheus takes.

/// `http.requestCount` → `http_request_count`. A name says what its kind is, as Prometheus's tools demand: counters end in
/// `_total`, nothing else does; timers, whose values are told in seconds, end in `_seconds`, whatever unit they were named
/// after.
enum MetricName {
    static func counter(_ label: String) -> String { without(["total"], name(label)) + "_total" }

    /// Of whatever has one value, or buckets of an unknown unit.
    static func plain(_ label: String) -> String { without(reserved, name(label)) }

    static func timer(_ label: String) -> String { without(times, plain(label)) + "_seconds" }

    static func label(_ name: String) -> String {
        let name = Self.name(name)
        return name == "le" || name == "quantile" ? "dimension_" + name : name
    }

    private static let reserved = ["total", "bucket", "sum", "count", "info", "created"]
    private static let times = ["seconds", "milliseconds", "microseconds", "nanoseconds", "ms", "us", "ns"]

    private static func without(_ suffixes: [String], _ name: String) -> String {
        for suffix in suffixes where name.hasSuffix("_" + suffix) {
            return without(suffixes, String(name.dropLast(suffix.count + 1)))
        }
        return name
    }

    /// Lower case, with single underscores between words.
    private static func name(_ text: String) -> String {
        var result: [UInt8] = []
        let underscore = UInt8(ascii: "_")
        var isWithinWord = false
        for byte in text.utf8.prefix(200) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.append(byte)
                isWithinWord = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                // Capitals in a row are one word.
                if isWithinWord { result.append(underscore) }
                result.append(byte | 0x20)
                isWithinWord = false
            default:
                if let last = result.last, last != underscore { result.append(underscore) }
                isWithinWord = false
            }
        }
        while result.last == underscore { result.removeLast() }
        guard let first = result.first else { return "unnamed" }
        if first < UInt8(ascii: "a") { result.insert(underscore, at: 0) }
        return String(decoding: result, as: UTF8.self)
    }
}
