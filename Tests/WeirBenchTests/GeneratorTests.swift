// What a seed and the shares promise.

import Synchronization
import Testing
import WeirAvro
import WeirBench
import WeirCore

@Suite struct GeneratorTests {
    @Test func seedDecides() throws {
        let fixture = try Fixture.billing()
        func make(_ seed: UInt64) throws -> (records: [OutgoingRecord], expectation: Expectation) {
            try fixture.records(events: 3000) {
                $0.seed = seed
                $0.conflicts = 0.02
                $0.poison = 0.05
            }
        }
        let one = try make(5)
        let same = try make(5)
        let other = try make(6)
        #expect(one.records == same.records)
        #expect(one.expectation == same.expectation)
        #expect(one.records != other.records)
    }

    @Test func withoutTotalsTheRecordsAreTheSame() throws {
        let fixture = try Fixture.billing()
        func make(keepsTotals: Bool) throws -> (records: [OutgoingRecord], expectation: Expectation) {
            try fixture.records(events: 3000) {
                $0.conflicts = 0.02
                $0.poison = 0.05
                $0.keepsTotals = keepsTotals
            }
        }
        let whole = try make(keepsTotals: true)
        let counted = try make(keepsTotals: false)
        #expect(counted.records == whole.records)
        #expect(counted.expectation.counts == whole.expectation.counts)
        #expect(counted.expectation.usage.isEmpty)
    }

    /// Two runs after one another are different events, or the second would be all conflicts.
    @Test func startDecidesToo() throws {
        let fixture = try Fixture.billing()
        let first = try fixture.records(events: 500)
        let second = try fixture.records(events: 500) {
            $0.start = Timestamp(microseconds: Fixture.now.microseconds - 5 * 3_600_000_000)
        }
        let pipeline = try Pipeline(first.records + second.records, fixture)
        #expect(pipeline.counts.conflicts == 0)
        #expect(pipeline.counts.unique == first.expectation.counts.unique + second.expectation.counts.unique)
    }

    @Test func sharesAreKept() throws {
        let (records, expectation) = try Fixture.billing().records(events: 40_000) {
            $0.repeats = 0.1
            $0.conflicts = 0.02
            $0.poison = 0.03
        }
        #expect(records.count == 40_000)
        let counts = expectation.counts
        #expect(counts.produced == 40_000)
        #expect(counts.unique + counts.repeats + counts.conflicts + counts.deadLetters == 40_000)
        #expect(abs(Double(counts.repeats) / 40_000 - 0.1) < 0.01)
        #expect(abs(Double(counts.conflicts) / 40_000 - 0.02) < 0.005)
        #expect(abs(Double(counts.deadLetters) / 40_000 - 0.03) < 0.005)
        let topics = Dictionary(grouping: records, by: \.topic).mapValues(\.count)
        #expect(topics == expectation.topics.mapValues(\.produced))
        #expect(topics.count == 3)
    }

    @Test func textsAreAsLongAsAsked() throws {
        func meanSize(_ textBytes: Int?) throws -> Double {
            let (records, _) = try Fixture.billing().records(events: 1_000) { $0.textBytes = textBytes }
            return Double(records.reduce(0) { $0 + ($1.payload?.count ?? 0) }) / 1_000
        }
        // Each of the contracts has a text that no meter looks at.
        #expect(try meanSize(1_000) > meanSize(nil) + 900)
    }

    @Test func skewMakesAHeavyTail() throws {
        func largest(_ skew: Double) throws -> Double {
            let (records, _) = try Fixture.billing().records(events: 20_000) { $0.skew = skew }
            let keys = Dictionary(grouping: records, by: { $0.key ?? [] }).mapValues(\.count)
            return Double(keys.values.max() ?? 0) / 20_000
        }
        #expect(try largest(1.1) > 0.1)
        #expect(try largest(0) < 0.01)
    }

    /// As reference/workload.py draws them: int(paretovariate(1.1)), of which 1 - 2^-1.1 are 1.
    @Test func paretosLawIsThatOfW1() throws {
        func drawn(skew: Double) throws -> [Double] {
            let (records, _) = try Fixture.billing().records(events: 40_000) {
                $0.law = .pareto
                $0.skew = skew
                $0.repeats = 0
            }
            return Dictionary(grouping: records, by: { $0.key ?? [] }).values.map { Double($0.count) / 40_000 }
                .sorted(by: >)
        }
        let shares = try drawn(skew: 1.1)
        let expected = [0.534, 0.168, 0.081, 0.047, 0.031]
        try #require(shares.count > 100)
        for (share, expected) in zip(shares, expected) {
            #expect(abs(share - expected) < 0.01, "\(share), not \(expected)")
        }
        #expect(try #require(try drawn(skew: 0).first) < 0.01)
    }

    /// The hot organisation has its share and no more, the others theirs by Zipf's law.
    @Test func theHotOneHasItsShare() throws {
        let (records, _) = try Fixture.billing().records(events: 20_000) {
            $0.hot = 0.5
            $0.skew = 1.1
            $0.repeats = 0
        }
        let shares = Dictionary(grouping: records, by: { $0.key ?? [] }).mapValues { Double($0.count) / 20_000 }
            .values.sorted(by: >)
        #expect(abs(shares[0] - 0.5) < 0.012, "\(shares[0])")
        // Of 499, the first has a fifth.
        #expect(abs(shares[1] - 0.096) < 0.008, "\(shares[1])")
        let (alone, _) = try Fixture.billing().records(events: 100) {
            $0.hot = 0.5
            $0.organisations = 1
            $0.repeats = 0
        }
        #expect(Set(alone.map(\.key)).count == 1)
    }

    /// Half of the repeats are byte for byte those of before, half have a new event id.
    @Test func repeatsComeInBothForms() throws {
        let (records, expectation) = try Fixture.billing().records(events: 10_000) { $0.repeats = 0.2 }
        let distinct = Set(records.map { $0.payload ?? [] }).count
        let renewed = distinct - expectation.counts.unique
        #expect(abs(Double(renewed) / Double(expectation.counts.repeats) - 0.5) < 0.05)
    }

    @Test func everyRecordIsValidForItsSchema() throws {
        let fixture = try OddContract.fixture()
        let schema = try #require(fixture.schemas.latest(subject: "odd.v1")?.schema)
        for record in try fixture.records(events: 3000).records {
            let payload = try #require(record.payload)
            let body = payload.span.bytes.extracting(5..<payload.count)
            _ = try AvroValue.decode(schema: schema, from: body)
        }
    }

    /// However uneven arrivals are, event times go with them: a burst is no leap ahead of the clock.
    @Test func eventTimesGoWithArrivals() throws {
        let fixture = try Fixture(
            file: "\(Fixture.root)bench/w1/w1.yaml", schemas: "\(Fixture.root)bench/w1/schemas")
        let scenario = try ScenarioFile.load(
            "scenario: x\ntopology: t\nrate: { per_second: 1 }\nevents: { repeats: 0, late: 0 }", file: "s.yaml")
        var options = scenario.generator(now: Fixture.now, seed: 1)
        options.keepsTotals = true
        let generator = try Generator(options, topology: fixture.topology, schemas: fixture.schemas)
        // 5,000 at once, one a second for an hour, and 5,000 at once.
        for due in Array(repeating: 0, count: 5000) + Array(1..<3600) + Array(repeating: 3600, count: 5000) {
            _ = generator.next(due: Int64(due) * 1_000_000)
        }
        var windows: [Int64: Int] = [:]
        for usage in generator.expectation.usage { windows[usage.windowStart, default: 0] += Int(usage.eventCount) }
        let start = Fixture.now.microseconds
        // Each is up to a quarter of a second earlier than its arrival.
        #expect(windows.keys.allSatisfy { (start - 600_000_000...start + 3_600_000_000).contains($0) })
        #expect((windows[start - 600_000_000] ?? 0) >= 4995)
        #expect((0..<5).allSatisfy { abs((windows[start + $0 * 600_000_000] ?? 0) - 600) <= 2 }, "\(windows)")
    }

    /// No record is ahead of the clock: up to a quarter of a second early, and up to half an hour if it is late.
    @Test func timesAreEarlyByTheJitterOrLate() throws {
        let fixture = try Fixture.apiCalls()
        let schema = try #require(fixture.schemas.latest(subject: "api.calls.v1")?.schema)
        let (records, _) = try fixture.records(events: 2000) {
            $0.span = .seconds(100)
            $0.repeats = 0
            $0.late = 0.1
        }
        var late = 0
        for (number, record) in records.enumerated() {
            let payload = try #require(record.payload)
            let value = try AvroValue.decode(schema: schema, from: payload.span.bytes.extracting(5..<payload.count))
            guard case .record(let fields) = value, case .long(let time) = fields[2] else { continue }
            // Milliseconds; the turns are 50 ms apart.
            let early = Fixture.now.microseconds / 1000 - 100_000 + Int64(number) * 50 - time
            if early > 250 { late += 1 }
            #expect((0...1_800_000).contains(early), "\(early) ms")
            #expect(early <= 250 || early >= 1000, "\(early) ms")
        }
        #expect(abs(late - 200) < 50, "\(late)")
    }

    @Test func windowsStayWithinTheSpan() throws {
        let (_, expectation) = try Fixture.billing().records(events: 5000)
        let hours = expectation.usage.filter { $0.meter == "ai_analyses" }
        let now = Fixture.now.microseconds
        #expect(hours.allSatisfy { $0.windowStart >= now - 4 * 3_600_000_000 && $0.windowStart < now })
        #expect(Set(hours.map(\.windowStart)).count >= 3)
    }

    @Test func progressCounts() throws {
        let generator = try Fixture.billing().generator(events: 1000) { $0.poison = 0.1 }
        var sent = 0
        try generator.run { _ in sent += 1 }
        #expect(sent == 1000)
        #expect(generator.progress.produced.load(ordering: .relaxed) == 1000)
        #expect(generator.progress.unique.load(ordering: .relaxed) == generator.expectation.counts.unique)
        #expect(generator.progress.poison.load(ordering: .relaxed) == generator.expectation.counts.deadLetters)
    }
}
