// What a topology promises about its lag, in one line: `p99 < 2s over 30d`.

/// So large a share of records is committed within `lag` of their Kafka timestamp, taken over the last `over`.
public struct Objective: Sendable, Equatable, CustomStringConvertible {
    /// The share that must be in time, in millionths: 990,000 is p99.
    public var millionths: Int
    /// The objective's line: a record that takes longer is late.
    public var lag: TimeSpan
    /// The time that the share is taken over, and that the error budget is for.
    public var over: TimeSpan

    public init(millionths: Int = 990_000, lag: TimeSpan = .seconds(2), over: TimeSpan = .seconds(30 * 86_400)) {
        self.millionths = millionths
        self.lag = lag
        self.over = over
    }

    static let shares = 500_000...999_999
    static let lags = TimeSpan.milliseconds(1)...TimeSpan.day
    static let periods = TimeSpan.hour...TimeSpan.longestWindow

    /// Nil unless `text` is `p<percent> < <duration> over <duration>`; bounds are the reader's business.
    public init?(parsing text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[1] == "<", words[3] == "over", words[0].first == "p",
            let share = Self.millionths(words[0].dropFirst()), let lag = TimeSpan(parsing: String(words[2])),
            let over = TimeSpan(parsing: String(words[4]))
        else { return nil }
        self.init(millionths: share, lag: lag, over: over)
    }

    /// `99.9` is 999,000.
    private static func millionths(_ percent: Substring) -> Int? {
        let parts = percent.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.joined().allSatisfy({ "0"..."9" ~= $0 }), let whole = UInt8(parts[0])
        else { return nil }
        let digits = parts.count == 2 ? parts[1] : "0"
        guard (1...4).contains(digits.count), let fraction = UInt16(digits) else { return nil }
        return Int(whole) * 10_000 + Int(fraction) * [1000, 100, 10, 1][digits.count - 1]
    }

    /// As it is written in the file.
    public var description: String {
        var fraction = String(10_000 + millionths % 10_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "p\(millionths / 10_000)\(fraction.isEmpty ? "" : ".")\(fraction) < \(lag) over \(over)"
    }
}
