// Lines over time and rates, from counts that grow.

import Foundation
import Testing
import WeirConsole
import WeirCore
import WeirObserve

struct TopologyHistoryTests {
    @Test func ratesAreThoseOfTheLastSeconds() throws {
        var history = TopologyHistory(since: 0)
        #expect(history.rates == nil)
        for second in 1...20 {
            // 100 a second at first, 10 in the end.
            let counted = second < 10 ? second * 100 : 1000 + (second - 10) * 10
            history.note(status(counted: Int64(counted)), at: second)
        }
        let rates = try #require(history.rates?.sources["t"])
        #expect(abs(rates.counted - 10) < 0.01)
        #expect(rates.deadLetters == 0)
    }

    @Test func nothingCommittedIsNoLag() throws {
        var history = TopologyHistory(since: 0)
        var lag = LagTotals()
        for second in 1...15 {
            if second <= 5 { lag.record(seconds: 1, count: 100) }
            history.note(status(lag: lag), at: second)
        }
        #expect(history.points.count == 3)
        #expect(history.points[0].p99 == 1_000_000)
        #expect(history.points[1].p99 == nil)
        #expect(history.points[2].p50 == nil)
        let document = try document(history, status(lag: lag))
        #expect(document.history.points.map(\.p99) == [1, nil, nil])
        #expect(try text(document).contains(#""p99":null"#))
    }

    /// The process was at work before anybody looked: what it did is neither lost nor taken for a burst.
    @Test func whatCameBeforeTheFirstLookIsSpreadOverItsTime() throws {
        var lag = LagTotals()
        lag.record(seconds: 3, count: 600)
        var early = TopologyHistory(since: 0)
        early.note(status(counted: 600, lag: lag), at: 60)
        #expect(early.points.map(\.records) == [10])
        #expect(early.points[0].p99 == 3_000_000)
        let source = try #require(early.rates?.sources["t"])
        #expect(abs(source.counted - 10) < 0.01)
        // A look soon after the beginning waits for the step to be whole.
        var soon = TopologyHistory(since: 58_000_000)
        soon.note(status(counted: 600, lag: lag), at: 60)
        #expect(soon.points.isEmpty)
        soon.note(status(counted: 600, lag: lag), at: 63)
        #expect(soon.points.map(\.records) == [120])
    }

    @Test func itIsBounded() {
        var history = TopologyHistory(since: 0)
        for step in 1...1000 { history.note(status(counted: 1), at: step * 5) }
        #expect(history.points.count == TopologyHistory.most)
    }

    /// A partition that nobody holds here says nothing: null, not 0.
    @Test func whatIsNotKnownIsNull() throws {
        let topology = try document(TopologyHistory(since: 0), status(held: false))
        #expect(topology.oldestSeconds == nil)
        #expect(topology.graph.recordsPerSecond == nil)
        #expect(topology.objective.budgetLeft == nil)
        let text = try text(topology)
        for field in ["oldest_seconds", "database", "records_per_second", "budget_left", "failure", "seen_at"] {
            #expect(text.contains("\"\(field)\":null"))
        }
        #expect(text.contains(#""partitions":{"count":0,"list":[]}"#))
    }

    /// A partition that is being taken over has keys and an epoch, and nobody knows them yet.
    @Test func whatIsNotReadBackIsNull() throws {
        let claiming = try #require(
            try document(TopologyHistory(since: 0), status(phase: .claiming)).partitions.list.first)
        #expect(claiming.epoch == nil && claiming.keys == nil && claiming.waitingForQuota == nil)
        let restoring = try #require(
            try document(TopologyHistory(since: 0), status(phase: .restoring)).partitions.list.first)
        #expect(restoring.epoch == 1 && restoring.keys == nil && restoring.waitingForSchema == nil)
        let running = try #require(try document(TopologyHistory(since: 0), status()).partitions.list.first)
        #expect(running.epoch == 1 && running.keys == 0 && running.waitingForSchema == 0)
    }

    /// Kafka names are what a broker says.
    @Test func namesCannotLeaveTheirString() throws {
        var answers = DatabaseAnswers()
        let owner = "a\"}\n\u{1b}[2J\u{202e}<script>"
        answers.partitions.answer(
            [DatabaseAnswers.Partition(topic: "t", partition: 7, epoch: 1, owner: owner, committed: nil)], at: 1)
        let text = try StatusDocument(
            ProcessState(starting: nil, isDraining: false, topologies: [status()]),
            by: StatusDocument.Speaker(version: "1", host: "h", processID: 1), histories: [:],
            answers: ["x": answers], at: 1
        ).text()
        #expect(!text.contains("\n"))
        #expect(text.contains(#"a\"}\\u{a}\\u{1b}[2J\\u{202e}<script>"#))
        let read = try StatusDocument(reading: Data(text.utf8))
        #expect(read.topologies.first?.partitions.list.last?.owner == #"a"}\u{a}\u{1b}[2J\u{202e}<script>"#)
    }

    private func document(
        _ history: TopologyHistory, _ status: TopologyStatus
    ) throws -> StatusDocument.TopologyPart {
        let document = StatusDocument(
            ProcessState(starting: nil, isDraining: false, topologies: [status]),
            by: StatusDocument.Speaker(version: "1", host: "h", processID: 1), histories: ["x": history], answers: [:],
            at: 1_000_000)
        #expect(try StatusDocument(reading: Data(document.text().utf8)) == document)
        return try #require(document.topologies.first)
    }

    private func text(_ topology: StatusDocument.TopologyPart) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(topology), as: UTF8.self)
    }

    private func status(
        counted: Int64 = 0, lag: LagTotals = LagTotals(), held: Bool = true, phase: PartitionPhase = .running
    ) -> TopologyStatus {
        var partition = PartitionStatus(topic: "t", partition: 0, knownSince: 0)
        partition.counts.counted = counted
        partition.lag = lag
        if held {
            partition.hold(
                PartitionStatus.Holding(
                    phase: phase, owner: "o", epoch: 1, committed: 1, oldestTaken: nil, movedAt: 0, keys: 0), at: 0)
        }
        var worker = WorkerSnapshot()
        if held || counted > 0 { worker.partitions = [partition] }
        let path = FieldPath("f")
        let source = Source(
            topic: "t", schema: "t", key: path, organisation: path,
            idempotency: Idempotency(field: path, retention: .seconds(60), ignoring: []),
            time: EventTime(field: path, earliest: Timestamp(microseconds: 0), ahead: .seconds(60), grace: .zero))
        let topology = Topology(
            name: "x", version: 1, group: "g", sources: [source], meters: [],
            outputs: Outputs(table: "a.b", topic: nil, schema: ""), limits: Limits())
        return TopologyStatus(
            topology: topology, workers: [worker], series: TallySeries(period: .seconds(3600)), database: nil,
            failure: nil)
    }
}

extension TopologyHistory {
    fileprivate mutating func note(_ status: TopologyStatus, at second: Int) {
        note(status, now: Int64(second) * 1_000_000, monotonic: Int64(second) * 1_000_000)
    }
}

extension LagTotals {
    fileprivate mutating func record(seconds: Int64, count: UInt32) {
        let runs = [TimeRun(milliseconds: 0, part: 0, count: count)]
        record(arrivals: runs.span, committedAt: seconds * 1_000_000, line: 2_000_000)
    }
}
