// Decimal numbers as text: written exactly, compared as numbers.

enum DecimalText {
    /// `unscaled` divided by ten to the power of `scale`: (1234, 2) is 12.34.
    static func write(_ unscaled: Int128, scale: Int) -> String {
        guard scale > 0 else { return String(unscaled) }
        var digits = String(unscaled.magnitude)
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        let point = digits.index(digits.endIndex, offsetBy: -scale)
        return (unscaled < 0 ? "-" : "") + digits[..<point] + "." + digits[point...]
    }

    /// Whether two texts are the same number: `12` and `12.000000` are. Texts that are no decimals equal nothing.
    static func isEqual(_ one: String, _ other: String) -> Bool {
        guard let one = canonical(one), let other = canonical(other) else { return false }
        return one == other
    }

    /// Without needless zeros and signs; nil for anything but digits with at most one point and a minus.
    private static func canonical(_ text: String) -> String? {
        let isNegative = text.hasPrefix("-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let whole = parts[0].drop { $0 == "0" }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        if whole.isEmpty, fraction.isEmpty { return "0" }
        return "\(isNegative ? "-" : "")\(whole).\(fraction)"
    }
}
