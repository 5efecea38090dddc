// Brokers that go down, move, refuse and dawdle, under load: only the mock cluster does as it is told.

import Foundation
import Testing
import WeirBench
import WeirCore
import WeirKafka

@Suite(.enabled(if: (ProcessInfo.processInfo.environment["WEIR_BROKERS"] ?? "").isEmpty))
struct BrokerWeatherTests {
    /// Something that is done when so many records are sent.
    private struct Step {
        let at: Int
        let act: (MockCluster) throws -> Void
    }

    /// Sends 2,500 records a second to two workers, and goes through the steps meanwhile.
    ///
    /// - Parameter afterwards: makes the brokers well enough for the test's own questions.
    /// - Returns: what the workers said.
    @discardableResult
    private func weather(
        _ rig: Rig, events: Int, _ steps: [Step], _ comment: Comment? = nil,
        afterwards: (MockCluster) -> Void = { _ in }
    ) throws -> String {
        let cluster = try #require(rig.cluster)
        let kafka = MockCluster.producerSettings.map { "\($0.name)=\($0.value)" }
        for name in ["a", "b"] { try rig.start(name, kafka: kafka, more: ["--report-every", "1s"]) }
        // A member whose join is unanswered and that asks anew, elsewhere, aborts the mock cluster.
        try rig.waitUntilAllHavePartitions()
        var steps = steps.sorted { $0.at < $1.at }
        let options = rig.options(events: events) { $0.rate = 2_500 }
        let expectation = try rig.produceRegardless(options) { sent in
            guard let step = steps.first, sent >= step.at else { return }
            steps.removeFirst()
            try step.act(cluster)
        }
        try #require(steps.isEmpty)
        let again = try rig.countRecordsStoredTwice()
        try rig.waitUntilProcessed()
        let logs = rig.workers.map(\.text).joined()
        afterwards(cluster)
        try rig.expectExact(expectation, comment, storedTwice: again)
        return logs
    }

    /// Two seconds each; one of them coordinates the group.
    @Test func eachBrokerIsDownInTurn() throws {
        let steps = (1...3).flatMap { broker in
            [
                Step(at: broker * 7_000 - 3_000) { $0.setDown(broker: broker) },
                Step(at: broker * 7_000 + 2_000) { $0.setUp(broker: broker) },
            ]
        }
        let logs = try weather(Rig(brokerCount: 3), events: 26_000, steps)
        #expect(logs.contains("Connection refused") || logs.contains("isconnected"), "nobody noticed")
    }

    @Test func leadersAndCoordinatorsMove() throws {
        let rig = try Rig(brokerCount: 3)
        var dice = Dice()
        let places = rig.topology.sources.flatMap { source in
            (0..<Int32(4)).map { TopicPartition(topic: source.topic, partition: $0) }
        }
        let output = try #require(rig.topology.outputs.topic)
        let steps = (1...60).map { number in
            let moving = (0..<3).map { _ in places.randomElement(using: &dice) ?? places[0] }
            let results = TopicPartition(topic: output, partition: .random(in: 0..<12, using: &dice))
            let brokers = (0..<5).map { _ in Int.random(in: 1...3, using: &dice) }
            return Step(at: 2_000 + number * 300) { cluster in
                for (place, broker) in zip(moving + [results], brokers) { cluster.setLeader(place, broker: broker) }
                if number % 10 == 0 { cluster.setCoordinator(group: rig.topology.group, broker: brokers[4]) }
            }
        }
        try weather(rig, events: 24_000, steps, "WEIR_TEST_SEED=\(dice.seed)")
    }

    /// One member is thrown out, once: each time costs the mock cluster a rebalance of several seconds.
    @Test func requestsAreRefused() throws {
        let rig = try Rig()
        var dice = Dice()
        let steps = (1...30).map { number in
            let passing: [MockCluster.Request] = [.produce, .fetch, .offsetCommit, .findCoordinator]
            let request = passing.randomElement(using: &dice) ?? .fetch
            let count = Int.random(in: 1...4, using: &dice)
            return Step(at: 2_000 + number * 600) { $0.refuse(request, count: count) }
        }
        let expulsion = Step(at: 5_000) { $0.refuse(.heartbeat, count: 1) }
        try weather(rig, events: 24_000, steps + [expulsion], "WEIR_TEST_SEED=\(dice.seed)")
    }

    @Test func everyAnswerTakesHalfASecond() throws {
        let logs = try weather(
            Rig(), events: 20_000, [Step(at: 2_000) { $0.setRoundTrip(milliseconds: 500, broker: 1) }],
            afterwards: { $0.setRoundTrip(milliseconds: 0, broker: 1) })
        let lag = try LagReport(logs)
        #expect(lag.percentile(50) > 400_000, "nobody noticed: \(lag)")
    }
}
