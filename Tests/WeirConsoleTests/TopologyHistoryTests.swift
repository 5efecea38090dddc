// Lines over time and rates, from counts that grow.

import Testing
import WeirAvro
import WeirConsole
import WeirCore
import WeirObserve

struct TopologyHistoryTests {
    @Test func ratesAreThoseOfTheLastSeconds() throws {
        var history = TopologyHistory()
        #expect(history.rates == nil)
        for second in 0...20 {
            // 100 a second at first, 10 in the end.
            let counted = second < 10 ? second * 100 : 1000 + (second - 10) * 10
            history.note(status(counted: Int64(counted)), at: second)
        }
        let rates = try #require(history.rates?.sources["t"])
        #expect(abs(rates.counted - 10) < 0.01)
        #expect(rates.deadLetters == 0)
    }

    @Test func nothingCommittedIsNoLag() throws {
        var history = TopologyHistory()
        var lag = LagTotals()
        for second in 0...15 {
            if second <= 5 { lag.record(seconds: 1, count: 100) }
            history.note(status(lag: lag), at: second)
        }
        #expect(history.points.count == 3)
        #expect(history.points[0].p99 == 1_000_000)
        #expect(history.points[1].p99 == nil)
        #expect(history.points[2].p50 == nil)
        let document = try document(history, status(lag: lag))
        let points = try #require(document["history"]?["points"])
        guard case .array(let list) = points, case .null = list[1]["p99"] else {
            Issue.record("\(points.compact)")
            return
        }
    }

    @Test func itIsBounded() {
        var history = TopologyHistory()
        for step in 0...1000 { history.note(status(counted: 1), at: step * 5) }
        #expect(history.points.count == TopologyHistory.most)
    }

    /// A partition that nobody holds here says nothing: null, not 0.
    @Test func whatIsNotKnownIsNull() throws {
        let document = try document(TopologyHistory(), status(held: false))
        #expect(document.compact.contains(#""oldest_seconds":null"#))
        #expect(document.compact.contains(#""database":null"#))
        #expect(document.compact.contains(#""partitions":{"count":0,"list":[]}"#))
        #expect(document.compact.contains(#""records_per_second":null"#))
        #expect(document.compact.contains(#""budget_left":null"#))
    }

    /// Kafka names are what a broker says.
    @Test func namesCannotLeaveTheirString() throws {
        var answers = DatabaseAnswers()
        let owner = "a\"}\n\u{1b}[2J\u{202e}<script>"
        answers.partitions.answer(
            [DatabaseAnswers.Partition(topic: "t", partition: 7, epoch: 1, owner: owner, committed: nil)], at: 1)
        let text = StatusDocument.make(
            ProcessState(starting: nil, isDraining: false, topologies: [status()]),
            by: StatusDocument.Speaker(version: "1", host: "h", processID: 1), histories: [:],
            answers: ["x": answers], at: 1
        ).compact
        #expect(!text.contains("\n"))
        #expect(text.contains(#"a\"}\\u{a}\\u{1b}[2J\\u{202e}<script>"#))
        _ = try JSON(parsing: text, source: "document")
    }

    private func document(_ history: TopologyHistory, _ status: TopologyStatus) throws -> JSON {
        let document = StatusDocument.make(
            ProcessState(starting: nil, isDraining: false, topologies: [status]),
            by: StatusDocument.Speaker(version: "1", host: "h", processID: 1), histories: ["x": history], answers: [:],
            at: 1_000_000)
        guard case .array(let topologies) = document["topologies"] else { throw Missing() }
        return try #require(topologies.first)
    }

    private struct Missing: Error {}

    private func status(counted: Int64 = 0, lag: LagTotals = LagTotals(), held: Bool = true) -> TopologyStatus {
        var partition = PartitionStatus(topic: "t", partition: 0, knownSince: 0)
        partition.counts.counted = counted
        partition.lag = lag
        if held {
            partition.hold(
                PartitionStatus.Holding(
                    phase: .running, owner: "o", epoch: 1, committed: 1, oldestTaken: nil, movedAt: 0, keys: 0), at: 0)
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
