// How long to wait before trying again.

internal import WeirCore

/// Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), in microseconds.
package struct Backoff: Sendable, Equatable {
    package var first: Int64
    package var longest: Int64

    package init(first: Int64, longest: Int64) {
        self.first = first
        self.longest = longest
    }

    init(_ policy: RetryPolicy) {
        self.init(first: policy.first.microseconds, longest: policy.longest.microseconds)
    }

    /// - Parameter attempt: failures before this one.
    package func delay(attempt: Int, using dice: inout Dice) -> Int64 {
        // Thirty doublings are a thousand million times the first.
        let (doubled, overflow) = first.multipliedReportingOverflow(by: 1 << Int64(min(attempt, 30)))
        let ceiling = overflow ? longest : min(longest, doubled)
        return Int64.random(in: first / 2...max(first, ceiling), using: &dice)
    }
}
