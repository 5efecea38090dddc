// When the next of many records may go, so that no more than so many go in a second.

/// Evenly spaced turns. A tenth of a second that was lost is made up for, more is not.
package struct Pace: Sendable {
    /// Per second; nil is as fast as possible.
    package let rate: Double?
    private var nextAt: Int64?
    private static let slack: Int64 = 100_000

    package init(rate: Double?) { self.rate = rate }

    /// Microseconds to wait for the next turn.
    package func wait(now: Int64) -> Int64 { max(0, (nextAt ?? now) - now) }

    /// A turn was taken.
    package mutating func take(now: Int64) {
        guard let rate else { return }
        nextAt = max(nextAt ?? now, now - Self.slack) + Int64(1_000_000 / rate)
    }

    /// Reads `50/s`, `50` (a second) and `300/m`; nil for anything else and for what is not above zero.
    package static func parse(_ text: String) -> Double? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let number = Double(parts[0]), number.isFinite, number > 0 else { return nil }
        switch parts.count == 2 ? parts[1] : "s" {
        case "s": return number >= 0.0001 ? number : nil
        case "m": return number / 60 >= 0.0001 ? number / 60 : nil
        default: return nil
        }
    }
}
