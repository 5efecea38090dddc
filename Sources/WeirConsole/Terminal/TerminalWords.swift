// Numbers and times in words, the same as Page/format.js has them. No data is a dash, never 0.

enum TerminalWords {
    static let none = "–"

    static func count(_ value: (some BinaryInteger)?) -> String { quantity(value.map { String($0) }) }

    /// A quantity that came as decimal text, digit for digit.
    static func quantity(_ text: String?) -> String {
        guard let text else { return none }
        let sign = text.prefix { $0 == "-" }
        let whole = text.dropFirst(sign.count).prefix { $0 != "." }
        var result = String(sign)
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return result + text.dropFirst(sign.count + whole.count)
    }

    static func rate(_ value: Double?) -> String {
        guard let value else { return none }
        switch value {
        case 0: return "0/s"
        case ..<1: return "<1/s"
        case ..<9999.5: return count(Int64(value.rounded())) + "/s"
        case ..<999_950: return decimal(value / 1e3) + "K/s"
        default: return decimal(value / 1e6) + "M/s"
        }
    }

    static func span(_ seconds: Double?) -> String {
        guard let seconds else { return none }
        switch seconds {
        case ..<0.0005: return "0 s"
        case ..<0.9995: return "\(Int((seconds * 1000).rounded())) ms"
        case ..<9.95: return decimal(seconds) + " s"
        case ..<119.5: return "\(Int(seconds.rounded())) s"
        case ..<5400: return "\(Int((seconds / 60).rounded())) min"
        case ..<129_600: return "\(Int((seconds / 3600).rounded())) h"
        default: return count(Int64((seconds / 86_400).rounded())) + " d"
        }
    }

    /// Never rounded up to what was not reached: 99.998 % is not 100 %.
    static func percent(_ share: Double?) -> String {
        guard let share else { return none }
        let factor: Double = share < 0 ? 1 : share > 0.99 && share < 1 ? 1000 : 10
        // What is not exact in binary must not become less: 0.29 is 29 %.
        let scaled = (share * 100 * factor + 1e-7).rounded(.down) / factor
        return trimmed(scaled) + " %"
    }

    /// Of seconds since 1970.
    ///
    /// - Parameter offset: of the reader's time zone, in seconds.
    static func clock(_ seconds: Double?, offset: Int) -> String {
        guard let seconds else { return none }
        let day = 86_400
        let second = ((Int(seconds.rounded(.down)) + offset) % day + day) % day
        return [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
            separator: ":")
    }

    /// One digit behind the point, if it is not 0.
    private static func decimal(_ value: Double) -> String { trimmed((value * 10).rounded() / 10) }

    private static func trimmed(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
    }
}
