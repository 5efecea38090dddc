// What a measurement says of itself: whether it may be believed, and whether its lag rises.

import Testing
import WeirBench

@Suite struct MeasurementTests {
    /// The refusal of a whole run that was changed.
    private func refusal(_ change: (inout LoadMeasurement) -> Void) throws -> String? {
        let run = try RunResult.made("x")
        var load = run.load
        change(&load)
        return RunResult(label: "x", scenario: "s", load: load, objectiveP99: 2000).refusal
    }

    @Test func whatCannotBeBelievedIsRefused() throws {
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.sending.late = 1 } == nil)
        #expect(try refusal { $0.sending.late = 2 }?.contains("2 of 100 sends (2.0 %)") == true)
        // What was never sent is as late as can be.
        #expect(try refusal { $0.sending.unsent = 2 }?.contains("fell behind") == true)
        #expect(try refusal { $0.watching.negative = 1 }?.contains("1 lags are below zero") == true)
        #expect(try refusal { $0.sending.scheduled = 0 }?.contains("nothing was due") == true)
    }

    @Test func neverIsBeyondEveryObjective() throws {
        #expect(try RunResult.made("x").isWithinObjective)
        var run = try RunResult.made("x", lost: 3)
        #expect(run.load.durable.p99 == nil && !run.isWithinObjective)
        run.objectiveP99 = nil
        #expect(!run.isWithinObjective)
    }

    /// A start that warms up and an end that runs empty are no trend.
    @Test func theTrendIsOfWhatCounts() throws {
        var load = try RunResult.made("x").load
        load.warmup = 3
        load.duration = 5
        for (second, p50) in [900.0, 500, 100, 20, 22, 24, 26, 28, 300, 900].enumerated() {
            load.stretches[second].p50 = p50
        }
        let trend = try #require(load.lagTrend)
        #expect(abs(trend.slope - 2) < 1e-9)
        #expect(trend.length == 4)
    }
}
