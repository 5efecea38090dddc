// Numbers as people read them.

extension Double {
    /// `20,000`, `1,254.5`: up to two digits behind the point.
    package var grouped: String {
        let rounded = abs(self).rounded(to: 2)
        let whole = Int(rounded)
        let digits = Array(String(whole))
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[Swift.max(0, $0 - 3)..<$0]) }
        let hundredths = Int(((rounded - Double(whole)) * 100).rounded())
        var fraction = hundredths == 0 ? "" : hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
        if fraction.count == 3, fraction.hasSuffix("0") { fraction.removeLast() }
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",") + fraction
    }
}
