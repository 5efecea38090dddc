// Records that wait, with nothing but the core: what is put aside, when it is fetched again, what goes wrong meanwhile.

import Foundation
import Testing
import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

@Suite struct ParkingTests {
    private static let place = TopicPartition(topic: "sim.orgs", partition: 0)
    private static let slow = "quotas: { events_per_second: 10, burst: 1s }"

    /// A hundred events of one organisation at once.
    private func flooded(_ policies: String = slow) throws -> CoreDriver {
        let driver = try CoreDriver(policies)
        driver.assign(0)
        for offset in 0..<100 { driver.take("k\(offset)", organisation: "hot", offset: Int64(offset)) }
        driver.tick()
        return driver
    }

    @Test func whatIsOverTheQuotaWaitsAndOthersDoNot() throws {
        let driver = try flooded()
        #expect(driver.total.counted == 10)
        #expect(driver.total.parked == 90)
        driver.take("k", organisation: "other", offset: 100)
        driver.tick()
        #expect(driver.total.counted == 11)
        driver.pass(milliseconds: 15_000)
        #expect(driver.total.counted == 101)
        #expect(driver.total.parked == 0)
        #expect(driver.table.isEmpty)
        #expect(driver.total.offsets == driver.total.offsets.sorted())
        // The backlog is gone, so the next is metered at once.
        driver.take("k100", organisation: "hot", offset: 101)
        driver.tick()
        #expect(driver.total.counted == 102)
    }

    /// Quiet input makes small batches, and so small rows: they must not be what limits the rate.
    @Test func smallRowsAreReadManyAtATime() throws {
        let driver = try CoreDriver("quotas: { events_per_second: 1000, burst: 1s }")
        driver.assign(0)
        var offset: Int64 = 0
        for _ in 0..<1500 {
            driver.take("k\(offset)", organisation: "hot", offset: offset)
            driver.tick()
            offset += 1
        }
        #expect(driver.table.count == 500)
        driver.pass(milliseconds: 600)
        #expect(driver.total.counted == 1500)
    }

    @Test func aWorkerThatComesAfterGoesOn() throws {
        let driver = try flooded()
        driver.revoke(0)
        #expect(driver.total.parked == 90)
        driver.assign(0)
        driver.take("k100", organisation: "hot", offset: 100)
        driver.pass(milliseconds: 20_000)
        #expect(driver.total.counted == 101)
        #expect(driver.total.parked == 0)
    }

    /// Given and taken before the group had its answer: its rows were known by then.
    @Test func rowsOfAPartitionThatIsTakenBeforeItIsReadAreForgotten() throws {
        let driver = try flooded()
        driver.revoke(0)
        driver.neverRestored = 1
        driver.assign(0, 1)
        #expect(driver.assigned == [Self.place])
        driver.revoke(0)
        driver.revoke(1)
        driver.assign(0)
        driver.pass(milliseconds: 20_000)
        #expect(driver.total.counted == 100)
        #expect(driver.total.parked == 0)
        #expect(driver.table.isEmpty)
    }

    @Test func anAnswerThatComesTooLateIsAskedForAgain() throws {
        let driver = try flooded()
        driver.answersUnparks = false
        driver.pass(milliseconds: 1000)
        let late = try #require(driver.unparks.first)
        #expect(driver.unparks.count == 1)
        // Somebody looks at the log meanwhile.
        driver.core.outOfRange(Self.place, at: driver.now)
        driver.tick()
        driver.answer(late)
        #expect(driver.total.counted == 10)
        let inspection = try #require(driver.inspections.last)
        driver.core.inspected(inspection, .unknown("no answer"), at: driver.now)
        driver.core.inspected(inspection, .present, at: driver.now)
        // It joins anew, and an old answer changes nothing.
        driver.core.left()
        driver.answer(late)
        driver.answersUnparks = true
        driver.assign(0)
        driver.pass(milliseconds: 20_000)
        #expect(driver.total.counted == 100)
        #expect(driver.total.parked == 0)
    }

    /// The worker waits for acknowledgements then, and answers still come in.
    @Test func anAnswerBetweenTheLastBatchAndTheEndOfARevokeChangesNothing() throws {
        let driver = try flooded()
        driver.answersUnparks = false
        driver.pass(milliseconds: 1000)
        let late = try #require(driver.unparks.first)
        driver.revoke(0) {
            driver.answer(late)
            #expect(!driver.core.isSettling)
        }
        driver.answersUnparks = true
        driver.assign(0)
        driver.pass(milliseconds: 20_000)
        #expect(driver.core.failure == nil)
        #expect(driver.total.counted == 100)
        #expect(driver.total.parked == 0)
    }

    @Test func aRowThatCannotBeReadIsTriedAgainEverMoreSlowly() throws {
        let driver = try flooded()
        driver.answersUnparks = false
        for _ in 0..<1000 {
            driver.pass(milliseconds: 10)
            for rows in driver.unparks {
                driver.answer(rows, failure: StoreFailure(message: "gone", isPermanent: false, isTimeout: false))
            }
            driver.unparks = []
        }
        let tries = driver.notices.count { if case .unparkFailed = $0 { true } else { false } }
        #expect((4...40).contains(tries), "\(tries)")
        driver.answersUnparks = true
        driver.pass(milliseconds: 30_000)
        #expect(driver.total.counted == 100)
    }

    /// A partition that gets no records commits nothing, so no fence tells that another has taken it and its rows.
    @Test func aRowThatIsGoneHasAnotherOwner() throws {
        let driver = try flooded()
        driver.answersUnparks = false
        driver.pass(milliseconds: 1000)
        let rows = try #require(driver.unparks.first)
        driver.answer(
            rows,
            failure: StoreFailure(message: "row 1 is gone", isPermanent: true, isTimeout: false, isForeign: true))
        #expect(driver.core.mustRejoin)
        #expect(driver.core.failure == nil)
        #expect(driver.core.load.records == 0)
    }

    @Test func damagedRowsStopTheWorker() throws {
        let driver = try flooded()
        driver.answersUnparks = false
        driver.pass(milliseconds: 1000)
        let rows = try #require(driver.unparks.first)
        driver.answer(rows, failure: StoreFailure(message: "not what it says", isPermanent: true, isTimeout: false))
        #expect(driver.core.failure?.message.contains("not what it says") == true)
    }

    @Test func whatIsDivertedIsNotMetered() throws {
        let driver = try flooded("quotas: { events_per_second: 10, burst: 1s, over: divert }")
        #expect(driver.total.counted == 10)
        #expect(driver.total.diverted == 90)
        #expect(driver.table.isEmpty)
        #expect(driver.total.offsets.last == 100)
    }

    /// Whoever names another organisation in a record that is refused costs it nothing.
    @Test func whatIsRefusedUsesNoQuota() throws {
        let driver = try CoreDriver(Self.slow + "\nbreaker: { dead_letter_percent: 100 }")
        driver.assign(0)
        for offset in 0..<50 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), from: "somebody") }
        for offset in 50..<60 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.deadLetters.count == 50)
        #expect(driver.total.counted == 10)
        #expect(driver.total.parked == 0)
    }

    /// Until the group has its answer a partition can be taken away at once, and its rows must not be in a batch then.
    @Test func nothingComesBackBeforeThePartitionIsRead() throws {
        let driver = try flooded()
        driver.revoke(0)
        driver.pass(milliseconds: 5000)
        driver.neverRestored = 1
        driver.assign(0, 1)
        driver.pass(milliseconds: 200)
        driver.revoke(0)
        driver.revoke(1)
        driver.tick()
        #expect(driver.core.failure == nil)
        #expect(driver.total.counted == 10)
        driver.assign(0)
        driver.pass(milliseconds: 20_000)
        #expect(driver.total.counted == 100)
        #expect(driver.total.parked == 0)
    }

    // MARK: Schemas

    private static let patient =
        "retry: { schema: { first: 100ms, longest: 1s, deadline: 10s } }\nbreaker: { dead_letter_percent: 100 }"

    @Test func manyRecordsOfOneIdCostFewRowsAndOneRefreshAtATime() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        for offset in 0..<2500 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.total.parked == 2500)
        #expect(driver.table.count == 3)
        driver.pass(milliseconds: 5000)
        #expect((5...50).contains(driver.refreshes), "\(driver.refreshes)")
        #expect(driver.total.deadLetters.isEmpty)
        driver.pass(milliseconds: 6000)
        #expect(driver.total.deadLetters.count == 2500)
        #expect(driver.total.parked == 0)
        #expect(driver.total.deadLetters.allSatisfy { $0.reason == .unknownSchema })
        // Nothing waits any more, so nothing is read again.
        let refreshes = driver.refreshes
        driver.pass(milliseconds: 5000)
        #expect(driver.refreshes == refreshes)
    }

    @Test func nothingIsReadAgainForPartitionsThatWent() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        driver.take("k", organisation: "o", offset: 0, schema: 8)
        driver.tick()
        driver.revoke(0)
        let refreshes = driver.refreshes
        driver.pass(milliseconds: 5000)
        #expect(driver.refreshes == refreshes)
    }

    @Test func madeUpIdsCostNeitherRowsNorWaits() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        for offset in 0..<10_000 {
            driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: Int32(offset) + 1000)
        }
        driver.tick()
        #expect(driver.table.count == 100)
        #expect(driver.total.deadLetters.count == 9900)
        driver.pass(milliseconds: 11_000)
        #expect(driver.total.deadLetters.count == 10_000)
        #expect(driver.total.parked == 0)
        // And then there is room for others.
        driver.take("k", organisation: "o", offset: 10_000, schema: 8)
        driver.tick()
        #expect(driver.total.parked == 1)
    }

    /// The first of them are given up while others of the same id are on their way to PostgreSQL.
    @Test func laterOnesOfAnIdStillWaitForIt() throws {
        let driver = try CoreDriver("retry: { schema: { first: 1s, longest: 1s, deadline: 2s } }")
        driver.assign(0)
        driver.take("k", organisation: "o", offset: 0, schema: 8)
        driver.pass(milliseconds: 1990)
        for offset in 1..<50 {
            driver.take("k", organisation: "o", offset: Int64(offset), schema: 8)
            driver.pass(milliseconds: 10)
        }
        let refreshes = driver.refreshes
        driver.pass(milliseconds: 1200)
        #expect(driver.refreshes > refreshes)
    }

    @Test func aClockThatJumpsGivesNothingUp() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        driver.take("k", organisation: "o", offset: 0, schema: 8)
        driver.tick()
        driver.jump(seconds: 86_400)
        driver.pass(milliseconds: 9000)
        #expect(driver.total.parked == 1)
        driver.jump(seconds: -2 * 86_400)
        driver.pass(milliseconds: 2000)
        #expect(driver.total.deadLetters.count == 1)
    }

    /// It has waited long enough, but this worker's schemas may be older than that.
    @Test func aWorkerThatTakesOverLooksBeforeItGivesUp() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        driver.take("k", organisation: "o", offset: 0, schema: 8)
        driver.tick()
        driver.revoke(0)
        driver.pass(milliseconds: 20_000)
        let folder = try CoreDriver.folderWithTwoVersions()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        driver.schemas = try SchemaFolder(path: folder)
        driver.assign(0)
        driver.pass(milliseconds: 1000)
        #expect(driver.total.deadLetters.isEmpty)
        #expect(driver.total.counted == 1)
    }

    // MARK: Breaker

    @Test func theBreakerStopsBeforeTheBatch() throws {
        let driver = try CoreDriver(
            "retry: { schema: { deadline: 0s } }\nbreaker: { dead_letter_percent: 50, over: 100 }")
        driver.assign(0)
        for offset in 0..<99 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.total.deadLetters.count == 99)
        for offset in 99..<200 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.total.deadLetters.count == 99)
        #expect(driver.total.offsets == [99])
        let failure = try #require(driver.core.failure)
        #expect(failure.status == .badData)
        #expect(failure.message.contains("101 of the last 101 records are dead letters"), "\(failure.message)")
        #expect(failure.message.contains("101 unknown_schema"), "\(failure.message)")
    }

    /// What waits is not decided: it does not make the share of dead letters smaller.
    @Test func whatWaitsDoesNotHideDeadLetters() throws {
        let driver = try CoreDriver("\(Self.slow)\nbreaker: { dead_letter_percent: 50, over: 100 }")
        driver.assign(0)
        var offset: Int64 = 0
        for _ in 0..<300 {
            driver.take("k\(offset)", organisation: "hot", offset: offset)
            driver.take("bad\(offset)", organisation: "o", offset: offset + 1, from: "somebody")
            offset += 2
        }
        driver.tick()
        #expect(driver.core.failure?.message.contains("300 of the last 310 records") == true)
        #expect(driver.total.deadLetters.isEmpty)
    }
}
