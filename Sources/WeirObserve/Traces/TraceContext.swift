// Who a span is, and how it is told from process to process: W3C Trace Context, https://www.w3.org/TR/trace-context/.

/// Names a span, of this process or of another.
public struct TraceContext: Sendable, Hashable {
    /// The trace: 16 bytes, big endian; never all 0.
    public let traceHigh: UInt64
    public let traceLow: UInt64
    /// The span in it; never 0.
    public let span: UInt64
    /// Whoever began the trace wants it kept.
    public let isSampled: Bool

    /// The Kafka header, too.
    public static let header = "traceparent"

    public init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool = true) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.isSampled = isSampled
    }

    /// Another span of the same trace.
    public func sibling(span: UInt64) -> TraceContext {
        TraceContext(traceHigh: traceHigh, traceLow: traceLow, span: span, isSampled: isSampled)
    }

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; what later versions add after it is left alone. Allocates nothing.
    ///
    /// - Returns: nil if it is none: whatever a producer writes there must not stop its record.
    public init?(traceparent text: RawSpan) {
        let length = 55
        let dash = UInt8(ascii: "-")
        guard text.byteCount >= length, let version = Self.hex(text, 0..<2), version != 0xff else { return nil }
        if version == 0 { guard text.byteCount == length else { return nil } }
        guard text.byteCount == length || Self.byte(text, length) == dash, Self.byte(text, 2) == dash,
            Self.byte(text, 35) == dash, Self.byte(text, 52) == dash, let high = Self.hex(text, 3..<19),
            let low = Self.hex(text, 19..<35), let span = Self.hex(text, 36..<52),
            let flags = Self.hex(text, 53..<55), high | low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 != 0)
    }

    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// 32 hexadecimal digits.
    public var traceID: String { Self.hex(traceHigh) + Self.hex(traceLow) }

    /// 16 hexadecimal digits.
    public var spanID: String { Self.hex(span) }

    private static func byte(_ text: RawSpan, _ index: Int) -> UInt8 {
        text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Lower case only, as the format demands; at most 16 digits.
    private static func hex(_ text: RawSpan, _ range: Range<Int>) -> UInt64? {
        var word: UInt64 = 0
        for index in range {
            let digit = byte(text, index)
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return word
    }
}
