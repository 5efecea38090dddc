// Lengths of time and their written form.

import TestSupport
import Testing
import WeirCore

@Suite struct TimeSpanTests {
    @Test(
        arguments: [
            ("250ms", 250_000), ("5s", 5_000_000), ("10m", 600_000_000), ("2h", 7_200_000_000),
            ("35d", 3_024_000_000_000), ("7us", 7), ("0s", 0),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) {
        #expect(TimeSpan(parsing: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "5 s", " 5s", "5S", "1.5h", "5sec", "1mo", "٥s", "9223372036854775807d",
        "99999999999999999999s",
    ])
    func refuses(text: String) {
        #expect(TimeSpan(parsing: text) == nil)
    }

    @Test func writesWhatItReads() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            let span = TimeSpan(microseconds: Int64.random(in: 0...(1 << Int64.random(in: 1...62)), using: &random))
            #expect(TimeSpan(parsing: span.description) == span)
        }
        #expect(TimeSpan(microseconds: 86_400_000_000).description == "1d")
        #expect(TimeSpan(microseconds: 90_000_000).description == "90s")
    }
}
