// The instrument against arithmetic: a consumer with a known fault has to show the lag that follows from it.

import Foundation
import Synchronization
import Testing
import WeirAvro
import WeirBench
import WeirCore
import WeirKafka

/// One after the other, and in a phase of their own (Makefile): they measure time.
@Suite(.serialized) struct CalibrationTests {
    /// A load on a broker of its own.
    private struct Bed {
        let cluster: MockCluster
        let run: LoadRun
        let consumer: ScriptedConsumer

        init(
            rate: Double, seconds: Double, patience: Double = 10, delay: Int64 = 0, producer: KafkaSettings = [],
            open: (@Sendable (PositionSourceOpener) throws -> any PositionSource)? = nil
        ) throws {
            cluster = try MockCluster()
            try cluster.createTopic("w1", partitions: 2)
            let brokers = cluster.bootstrapServers
            let kafka = [(name: "bootstrap.servers", value: brokers)]
            let partitions = (0..<2).map { TopicPartition(topic: "w1", partition: $0) }
            consumer = ScriptedConsumer(settings: kafka, partitions: partitions, delay: delay)
            var settings = LoadSettings(
                brokers: brokers, topics: ["w1": 2], warmup: 1, duration: seconds, patience: patience)
            settings.lookEvery = 0.002
            // The mock broker answers a fetch with one batch of each partition: nobody keeps up with batches of one.
            settings.producer = [("linger.ms", "20")] + producer
            let fixture = try Fixture(
                file: "\(Fixture.root)bench/w1/w1.yaml", schemas: "\(Fixture.root)bench/w1/schemas")
            var options = GeneratorOptions(
                now: Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
            options.rate = rate
            options.events = 1_000_000_000
            let group: PositionSourceOpener = {
                try GroupPositions(group: ScriptedConsumer.group, settings: kafka, partitions: partitions)
            }
            run = try LoadRun(
                settings, plan: RatePlan(.constant, rate: rate),
                generator: Generator(options, topology: fixture.topology, schemas: fixture.schemas),
                open: { try open?(group) ?? group() })
        }

        /// - Parameter stall: seconds after the start between which the consumer commits nothing.
        func measure(
            stall: Range<Double>? = nil, tick: (LoadProgress) throws -> Void = { _ in }
        ) throws -> LoadMeasurement {
            defer { consumer.stop() }
            return try run.run { progress in
                if let stall {
                    let begin = run.start + Int64(stall.lowerBound * 1e9)
                    let end = run.start + Int64(stall.upperBound * 1e9)
                    consumer.stall.withLock { $0 = begin..<end }
                }
                try tick(progress)
            }
        }
    }

    /// Says nothing until the gate opens, and then that everything is done.
    private struct SilentPositions: PositionSource {
        let gate: DispatchSemaphore

        func positions() throws -> [TopicPartition: Int64] {
            gate.wait()
            gate.signal()
            return [TopicPartition(topic: "w1", partition: 0): 1000, TopicPartition(topic: "w1", partition: 1): 1000]
        }
    }

    /// Says what another one says, but for its hundredth answer: the connection is cut, for good.
    private final class CutPositions: PositionSource {
        private let source: any PositionSource
        private var answers = 0

        init(_ source: any PositionSource) { self.source = source }

        func positions() throws -> [TopicPartition: Int64] {
            answers += 1
            if answers >= 100 { throw WeirError(.unavailable, "the connection is cut") }
            return try source.positions()
        }
    }

    /// A refused result is not to be used: it is measured again, as whoever meets one would.
    private func accepted(_ measure: () throws -> LoadMeasurement) throws -> LoadMeasurement {
        var refusal: String?
        for _ in 1...5 {
            let result = try measure()
            guard let words = result.refusal else { return result }
            refusal = words
        }
        throw WeirError(.unavailable, "refused five times: \(refusal ?? "")")
    }

    private func within(_ percent: Double, _ value: Double?, of expected: Double) -> Bool {
        value.map { abs($0 - expected) <= expected * percent / 100 } ?? false
    }

    /// A record that is due `t` after the stall's beginning waits for its end: 5 s - t. Of 20 s, the share of records
    /// with a lag above x is (5 s - x) / 20 s, so that the percentile p is 5 s - (1 - p) * 20 s.
    @Test func stallOfFiveSecondsIsFiveSeconds() throws {
        let result = try accepted { try Bed(rate: 1000, seconds: 20).measure(stall: 7..<12) }
        #expect(result.sending.scheduled == 20_000)
        #expect(result.durable.failures == 0)
        #expect(within(2, result.durable.p90, of: 3000), "\(String(describing: result.durable.p90))")
        #expect(within(2, result.durable.p99, of: 4800), "\(String(describing: result.durable.p99))")
        #expect(within(2, result.durable.p999, of: 4980), "\(String(describing: result.durable.p999))")
        #expect(within(2, result.durable.max, of: 5000), "\(String(describing: result.durable.max))")
        #expect(result.durable.p50 ?? .infinity < 100)
        // The series shows where: from the stall's beginning the lag falls by a second each second.
        let medians = result.stretches.map { $0.p50 ?? 0 }
        #expect(medians[5] < 100 && medians[12] < 100, "\(medians)")
        #expect((7..<12).allSatisfy { within(3, medians[$0], of: 11_500 - Double($0) * 1000) }, "\(medians)")
        // Both partitions stood still, once.
        let standstills = try #require(result.standstills)
        #expect(standstills.map(\.partition).sorted() == [0, 1], "\(standstills)")
        #expect(standstills.allSatisfy { within(2, $0.until - $0.from, of: 5) && within(2, $0.until, of: 12) })
    }

    @Test func delayOfAHundredMillisecondsIsAHundredMilliseconds() throws {
        let plain = try accepted { try Bed(rate: 500, seconds: 4).measure() }
        let delayed = try accepted { try Bed(rate: 500, seconds: 4, delay: 100_000_000).measure() }
        let (without, with) = try (#require(plain.durable.p50), #require(delayed.durable.p50))
        #expect(without < 60)
        #expect(with >= 100)
        #expect(abs(with - without - 100) < 5, "\(without) ms without the delay, \(with) ms with it")
    }

    /// A server that stands still answers no question: the run ends in time, and its records count as never done.
    @Test func aServerThatNeverAnswersEndsTheRunAllTheSame() throws {
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let began = ContinuousClock.now
        let bed = try Bed(rate: 500, seconds: 1, patience: 1) { _ in SilentPositions(gate: gate) }
        let result = try bed.measure()
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(result.sending.scheduled == 500)
        #expect(result.durable.failures == 500 && result.durable.p50 == nil)
        // Nobody saw what became of them, and they are in their second all the same.
        #expect(result.stretches.map(\.missing) == [500, 500])
        // What the server says after the end is not heard: whoever has the figures has all there will be.
        gate.signal()
        Thread.sleep(forTimeInterval: 0.2)
        #expect(bed.run.lags.settled == 0)
    }

    /// A connection that is cut costs a look, and no record: another one is opened.
    @Test func aSourceThatIsCutIsOpenedAgain() throws {
        let opened = Atomic(0)
        let bed = try Bed(rate: 500, seconds: 2) { group in
            opened.add(1, ordering: .relaxed)
            return CutPositions(try group())
        }
        let result = try bed.measure()
        let failures = result.watching.failures
        #expect(failures >= 2)
        // Nothing is opened any more where the end comes before the next look.
        #expect((failures...failures + 1).contains(opened.load(ordering: .relaxed)))
        #expect(result.durable.failures == 0)
        #expect(result.watching.looks > 2 * 99)
    }

    /// A group that is a second behind, measured from its side: its lag is that second and the time, 0 to 400 ms, that
    /// records waited at their sender with their timestamp. Nothing is impossible.
    @Test func aGroupThatIsBehindIsJustThat() throws {
        let bed = try Bed(rate: 500, seconds: 8, delay: 1_000_000_000, producer: [("linger.ms", "400")])
        let target = LagProbe.Target(
            brokers: bed.run.settings.brokers, kafka: [], group: ScriptedConsumer.group, topic: "w1", partitions: 2)
        let found = Mutex<Result<LoadMeasurement, any Error>?>(nil)
        var hasBegun = false
        _ = try bed.measure { progress in
            guard !hasBegun, progress.seconds > 2 else { return }
            hasBegun = true
            Thread {
                let result = Result { try LagProbe(target, seconds: 3, patience: 5).run { _, _, _ in } }
                found.withLock { $0 = result }
            }.start()
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while found.withLock({ $0 == nil }), ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
        let result = try #require(try found.withLock { try $0?.get() })
        #expect(result.refusal == nil && result.durable.failures == 0)
        #expect(result.watching.rewinds == 0 && result.watching.unclaimed == 0 && result.watching.negative == 0)
        #expect(within(7, result.durable.p50, of: 1200), "\(String(describing: result.durable.p50))")
    }

    /// The broker is away for 2 s and librdkafka's queue takes ten records: the sender cannot send. Whoever counts from
    /// the moment of sending sees nothing of it.
    @Test func recordsThatCouldNotBeSentAreLate() throws {
        let bed = try Bed(
            rate: 1000, seconds: 10,
            producer: [
                ("queue.buffering.max.messages", "10"), ("reconnect.backoff.ms", "10"),
                // The mock broker takes what it is sent twice; see `MockCluster.producerSettings`.
                ("max.in.flight.requests.per.connection", "1"),
                ("reconnect.backoff.max.ms", "50"), ("retry.backoff.ms", "10"),
            ])
        var isDown = false
        let result = try bed.measure { progress in
            let shouldBe = (4.0..<6.0).contains(progress.seconds)
            guard shouldBe != isDown else { return }
            isDown = shouldBe
            if isDown { bed.cluster.setDown(broker: 1) } else { bed.cluster.setUp(broker: 1) }
        }
        #expect(result.refusal?.contains("fell behind") == true)
        #expect(result.sending.queueFull > 0)
        #expect(result.durable.histogram.last?[0] ?? 0 > 1_900_000_000, "\(result.sending) \(result.watching)")
        // 2 s without sending: half of the records due meanwhile waited for more than a second.
        let slow = result.durable.histogram.filter { $0[0] > 1_000_000_000 }.reduce(0) { $0 + Int($1[1]) }
        #expect(slow > 900, "\(slow)")
    }

    /// Records whose effect never comes are failures, and no percentile leaves them out.
    @Test func recordsThatAreNeverDoneAreInfinitelyLate() throws {
        let result = try accepted { try Bed(rate: 500, seconds: 4, patience: 2).measure(stall: 3..<1000) }
        #expect(abs(result.durable.failures - 1000) < 50, "\(result.durable.failures)")
        #expect(result.sending.neverDone == result.durable.failures)
        #expect(within(5, result.throughput, of: 250), "\(result.throughput)")
        #expect(result.durable.percentile(40) ?? .infinity < 100)
        #expect(result.durable.p90 == nil)
        #expect(result.durable.max == nil)
        #expect(result.stretches[4].missing == 500)
    }
}
