// Bounds of the waits between attempts.

import Testing
import WeirRuntime

@Suite struct BackoffTests {
    @Test func staysWithinItsBounds() {
        for attempt in [0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 62, 63, 64, 1000, Int.max] {
            let ceiling = attempt < 7 ? Backoff.first << Int64(attempt) : Backoff.longest
            var most: Int64 = 0
            var least = Int64.max
            for _ in 0..<500 {
                let delay = Backoff.delay(attempt: attempt)
                most = max(most, delay)
                least = min(least, delay)
            }
            #expect(least >= Backoff.first / 2)
            #expect(most <= min(ceiling, Backoff.longest))
            // Jitter is full: 500 draws do not all fall into one half.
            #expect(attempt == 0 || least < ceiling / 2 && most > ceiling / 2)
        }
    }
}
