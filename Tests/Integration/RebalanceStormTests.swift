// Members that come and go all the time, and a deployment that replaces them one after another.

import Foundation
import Testing
import WeirBench
import WeirCore

struct RebalanceStormTests {
    static let strategies = ["roundrobin", "cooperative-sticky"]

    private func group(_ strategy: String) -> [String] {
        ["partition.assignment.strategy=\(strategy)", "session.timeout.ms=3500", "heartbeat.interval.ms=300"]
    }

    /// `WEIR_STORM_SECONDS`, or 18: every second or two somebody joins or leaves.
    @Test(arguments: strategies)
    func membersComeAndGo(strategy: String) throws {
        let seconds = ProcessInfo.processInfo.environment["WEIR_STORM_SECONDS"].flatMap { Int($0) } ?? 18
        let rate = 1_500
        let rig = try Rig(partitions: 8)
        var dice = Dice()
        var names = 0
        var leaving: [WeirWorker] = []
        var changes = 0
        func join() throws {
            names += 1
            try rig.start("member \(names)", kafka: group(strategy))
        }
        try join()
        var next = rate
        let options = rig.options(events: seconds * rate) { $0.rate = Double(rate) }
        let expectation = try rig.produce(options, lead: 40_000) { sent in
            guard sent >= next else { return }
            next += Int.random(in: rate...2 * rate, using: &dice)
            changes += 1
            let mayLeave = rig.workers.count > 1
            if mayLeave, rig.workers.count == 4 || Bool.random(using: &dice) {
                let worker = rig.workers[Int.random(in: 0..<rig.workers.count, using: &dice)]
                rig.forget(worker)
                worker.terminate()
                leaving.append(worker)
            } else {
                try join()
            }
        }
        #expect(changes >= seconds / 2 - 1)
        for worker in leaving { #expect(try worker.waitForEnd() == 0, "\(worker.lastWords)") }
        try rig.expectExact(expectation, "WEIR_TEST_SEED=\(dice.seed)")
    }

    /// Three processes, each told to stop and started anew while the others go on, in 24 s or `WEIR_ROLLING_SECONDS`.
    ///
    /// With a minute and more for each (180), as deployments do it, p99 has to be below the objective of 2 s: a
    /// measurement, for a machine that does nothing else. The development broker takes 2.5 s for every rebalance here, so
    /// that what moves is late by that; in 24 s it is more than 1 %.
    @Test func aRollingRestartLosesNothingAndKeepsTheObjective() throws {
        let seconds = ProcessInfo.processInfo.environment["WEIR_ROLLING_SECONDS"].flatMap { Int($0) } ?? 24
        let rate = 600
        // The development broker keeps 5 MB of each partition.
        let rig = try Rig(partitions: 8, outputPartitions: max(12, seconds / 6))
        let options = ["--report-every", "500ms"]
        let names = ["a", "b", "c"]
        func start(_ name: String) throws -> WeirWorker {
            try rig.start(name, kafka: group("cooperative-sticky"), more: options)
        }
        var running = try names.map { try start($0) }
        var stopped: [WeirWorker] = []
        try rig.waitUntilAllHavePartitions()
        var place = 0
        var stopping: ContinuousClock.Instant?
        var longestStop = Duration.zero
        let events = seconds * rate
        let generated = rig.options(events: events) { $0.rate = Double(rate) }
        let expectation = try rig.produceRegardless(generated) { sent in
            guard place < running.count, sent >= rate else { return }
            let worker = running[place]
            if let asked = stopping {
                guard !worker.isRunning else { return }
                longestStop = max(longestStop, .now - asked)
                stopping = nil
                stopped.append(worker)
                running[place] = try start(names[place])
                place += 1
            } else if sent >= rate + place * (events - rate) / 3 {
                stopping = .now
                rig.forget(worker)
                worker.terminate()
            }
        }
        try #require(place == running.count, "not all were restarted")
        for worker in stopped { #expect(worker.end == .status(0), "\(worker.lastWords)") }
        // limits.drain is 10 s, and as long may publishing take.
        #expect(longestStop < .seconds(20))
        try rig.waitUntilProcessed()
        let all = stopped + rig.workers
        var lag = try LagReport("")
        try waitUntil("the lag of every record is told") {
            lag = try LagReport(all.map(\.text).joined(separator: "\n"))
            return lag.records >= UInt64(expectation.counts.produced)
        }
        print("rolling restart in \(seconds) s: \(lag), longest stop \(longestStop)")
        try rig.expectExact(expectation)
        if seconds >= 180 { #expect(lag.percentile(99) < 2_000_000, "\(lag)") }
    }
}
