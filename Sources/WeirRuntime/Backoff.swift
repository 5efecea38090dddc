// How long to wait before trying again.

package enum Backoff {
    package static let first: Int64 = 50_000
    package static let longest: Int64 = 5_000_000

    /// Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), in microseconds.
    package static func delay(attempt: Int) -> Int64 {
        let ceiling = min(longest, first << Int64(min(attempt, 20)))
        return Int64.random(in: first / 2...max(first, ceiling))
    }
}
