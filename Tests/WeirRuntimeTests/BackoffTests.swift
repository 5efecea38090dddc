// Bounds of the waits between attempts.

import Testing
import WeirRuntime

@Suite struct BackoffTests {
    @Test func staysWithinItsBounds() {
        let backoff = Backoff(first: 50_000, longest: 5_000_000)
        var dice = Dice(seed: 7)
        for attempt in [0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 62, 63, 64, 1000, Int.max] {
            let ceiling = attempt < 7 ? backoff.first << Int64(attempt) : backoff.longest
            var most: Int64 = 0
            var least = Int64.max
            for _ in 0..<500 {
                let delay = backoff.delay(attempt: attempt, using: &dice)
                most = max(most, delay)
                least = min(least, delay)
            }
            #expect(least >= backoff.first / 2)
            #expect(most <= min(ceiling, backoff.longest))
            // Jitter is full: 500 draws do not all fall into one half.
            #expect(attempt == 0 || least < ceiling / 2 && most > ceiling / 2)
        }
    }

    @Test func theLongestFirstWaitDoesNotOverflow() {
        var dice = Dice(seed: 1)
        #expect(Backoff(first: .max / 2, longest: .max).delay(attempt: 60, using: &dice) > 0)
    }
}
