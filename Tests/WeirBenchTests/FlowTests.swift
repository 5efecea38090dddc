// Pace, pauses and stops of a run.

import Testing
import WeirBench
import WeirCore

@Suite struct FlowTests {
    @Test func rateIsKept() throws {
        let generator = try Fixture.billing().generator(events: 500) { $0.rate = 1000 }
        let clock = ContinuousClock()
        let time = try clock.measure { try generator.run { _ in } }
        #expect(time > .milliseconds(450) && time < .seconds(5))
    }

    @Test func pauseHoldsAndStopEnds() throws {
        let generator = try Fixture.billing().generator(events: 1_000_000)
        var asked = 0
        var sentWhilePaused = 0
        var isPaused = false
        let flow = GeneratorFlow(
            shouldPause: {
                asked += 1
                isPaused = asked > 5 && asked < 20
                return isPaused
            }, shouldStop: { asked >= 30 })
        var sent = 0
        try generator.run(flow: flow) { _ in
            sent += 1
            if isPaused { sentWhilePaused += 1 }
        }
        #expect(sentWhilePaused == 0)
        #expect(sent > 0 && sent < 10_000)
        #expect(generator.expectation.counts.produced == sent)
    }

    @Test func errorsOfTheSinkEndTheRun() throws {
        let generator = try Fixture.billing().generator(events: 1000)
        #expect(throws: WeirError.self) {
            try generator.run { _ in throw WeirError(.unavailable, "no broker") }
        }
    }
}
