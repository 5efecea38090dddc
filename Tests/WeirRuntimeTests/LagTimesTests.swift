// Whose lag counts: records whose fate is decided, but not those that waited for their quota.

import Testing
import WeirKafka
import WeirRuntime

@Suite struct LagTimesTests {
    private static let place = TopicPartition(topic: "sim.orgs", partition: 0)

    @Test func repeatsArriveAndOnlyCountedRecordsHappen() throws {
        let driver = try CoreDriver("")
        driver.assign(0)
        let sent = driver.now.wall / 1000
        driver.take("a", organisation: "org", offset: 0)
        driver.take("a", organisation: "org", offset: 1)
        driver.take("b", organisation: "org", offset: 2, from: "somebody else")
        driver.pass(milliseconds: 500)
        #expect(driver.total.counted == 1)
        #expect(driver.total.deadLetters.count == 1)
        #expect(driver.total.arrivals == [sent, sent, sent])
        #expect(driver.total.happenings == [sent])
    }

    @Test func whatWaitsForItsQuotaIsNotLate() throws {
        let driver = try CoreDriver("quotas: { events_per_second: 10, burst: 1s }")
        driver.assign(0)
        for offset in 0..<30 { driver.take("k\(offset)", organisation: "hot", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.parked == 20)
        driver.pass(milliseconds: 5_000)
        #expect(driver.total.counted == 30)
        #expect(driver.total.arrivals.count == 10)
        #expect(driver.total.happenings.count == 10)
    }

    /// A histogram's exemplar is of a record that is counted in it.
    @Test func theTraceOfWhatWaitsIsNoExample() throws {
        let driver = try CoreDriver("quotas: { events_per_second: 10, burst: 1s }")
        driver.core.isTracing = true
        driver.assign(0)
        let header = KafkaHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        for offset in 0..<30 {
            driver.take("k\(offset)", organisation: "hot", offset: Int64(offset), headers: [header])
        }
        driver.pass(milliseconds: 5_000)
        #expect(driver.total.counted == 30)
        #expect(driver.total.tracedArrivals == driver.total.arrivals)
        #expect(driver.total.tracedArrivals.count == 10)
    }

    @Test func whatIsDivertedIsDecided() throws {
        let driver = try CoreDriver("quotas: { events_per_second: 10, burst: 1s, over: divert }")
        driver.assign(0)
        for offset in 0..<30 { driver.take("k\(offset)", organisation: "hot", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.diverted == 20)
        #expect(driver.total.arrivals.count == 30)
        #expect(driver.total.happenings.count == 10)
    }

    /// A schema that is missing makes results late, and that counts from the first arrival.
    @Test func whatWaitsForItsSchemaIsLate() throws {
        let driver = try CoreDriver("retry: { schema: { first: 100ms, longest: 100ms, deadline: 2s } }")
        driver.assign(0)
        let sent = driver.now.wall / 1000
        driver.take("a", organisation: "org", offset: 0, schema: 99)
        driver.tick()
        #expect(driver.total.parked == 1)
        #expect(driver.total.arrivals == [])
        driver.pass(milliseconds: 4_000)
        #expect(driver.total.deadLetters.map(\.offset) == [0])
        #expect(driver.total.arrivals == [sent])
        #expect(driver.total.happenings == [])
    }

    @Test func theOldestRecordIsTheFirstThatIsNotCommitted() throws {
        let driver = try CoreDriver("")
        driver.assign(0)
        #expect(driver.core.partitions[Self.place]?.oldestTaken == nil)
        let first = driver.now.wall / 1000 * 1000
        driver.take("a", organisation: "org", offset: 0)
        #expect(driver.core.partitions[Self.place]?.oldestTaken == first)
        driver.jump(seconds: 3)
        driver.take("b", organisation: "org", offset: 1)
        #expect(driver.core.partitions[Self.place]?.oldestTaken == first)
        driver.tick()
        #expect(driver.core.partitions[Self.place]?.oldestTaken == nil)
        #expect(driver.core.partitions[Self.place]?.movedAt == driver.now.wall)
    }
}
