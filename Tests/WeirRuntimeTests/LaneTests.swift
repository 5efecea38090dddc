// Several batches that are filled at once, and the turns in which they are committed.

import Testing
import WeirCore
import WeirKafka
import WeirRuntime

@Suite struct LaneTests {
    /// Of so many microseconds for the rows, where the end takes one millisecond.
    private static func transaction(rows: Int64) -> TransactionTime { TransactionTime(whole: rows + 2000, end: 1000) }

    @Test func transactionsThatAreMostlyRowsAreSplit() {
        var lanes = LaneCount()
        for expected in [1, 2, 4, 8, 8] {
            #expect(lanes.count == expected)
            for _ in 0..<LaneCount.judged { lanes.committed(Self.transaction(rows: 4001)) }
        }
        for _ in 0..<100 { lanes.committed(Self.transaction(rows: 1000)) }
        #expect(lanes.count == 8)
        for expected in [4, 2, 1, 1] {
            for _ in 0..<LaneCount.judged { lanes.committed(Self.transaction(rows: 999)) }
            #expect(lanes.count == expected)
        }
        for _ in 0..<100 { lanes.committed(Self.transaction(rows: 4000)) }
        #expect(lanes.count == 1)
    }

    /// The same rows take the same time to a server that is far away, but many transactions take longer than one.
    @Test func aServerFarAwayGetsOneTransaction() {
        var lanes = LaneCount()
        for _ in 0..<100 { lanes.committed(TransactionTime(whole: 60_000, end: 20_000)) }
        #expect(lanes.count == 1)
    }

    @Test func severalAreJudgedTogether() {
        var lanes = LaneCount()
        // One COMMIT that waits for the disk, among some that do not.
        for _ in 0..<100 {
            for _ in 1..<LaneCount.judged { lanes.committed(Self.transaction(rows: 8000)) }
            lanes.committed(TransactionTime(whole: 40_000, end: 38_000))
        }
        #expect(lanes.count == 1)
    }

    @Test func quietPartitionsShareATransaction() throws {
        let driver = try CoreDriver("")
        driver.assign(0, 1, 2, 3)
        Self.take(0, 1, 2, 3, offset: 0, driver)
        driver.tick()
        #expect(driver.commits == [[0, 1, 2, 3]])
    }

    @Test func busyPartitionsTakeTurnsTheOldestRecordFirst() throws {
        let driver = try Self.busy()
        // Each for itself by now, in whatever batch has room.
        driver.holdsWrites = true
        driver.pass(milliseconds: 10)
        Self.take(3, offset: 7, driver)
        driver.pass(milliseconds: 10)
        #expect(driver.commits == [[3]])
        Self.take(2, offset: 7, driver)
        driver.pass(milliseconds: 10)
        Self.take(3, offset: 8, driver)
        driver.pass(milliseconds: 10)
        Self.take(1, offset: 7, driver)
        driver.pass(milliseconds: 10)
        Self.take(2, offset: 8, driver)
        // What came later of a partition that has a place goes to that place.
        driver.holdsWrites = false
        for _ in 0..<5 { driver.tick() }
        #expect(driver.commits == [[3], [2], [3], [1]])
        #expect(driver.total.offsets.suffix(4) == [8, 9, 9, 8])
        #expect(driver.core.load.records == 0)
    }

    /// All of them together hold no more than one may.
    @Test func whatIsOpenIsBoundedAsOne() throws {
        let driver = try Self.busy("limits: { batch_records: 4 }")
        driver.holdsWrites = true
        Self.take(0, offset: 7, driver)
        driver.tick()
        Self.take(0, offset: 8, driver)
        Self.take(1, 2, offset: 7, driver)
        guard case .records = driver.core.reading else {
            Issue.record("three of four are open, and nothing is read")
            return
        }
        Self.take(3, offset: 7, driver)
        guard case .nothing = driver.core.reading else {
            Issue.record("four of four are open, and more is read")
            return
        }
        #expect(driver.core.load.records == 5)
    }

    @Test func aPartitionThatGoesTakesNothingAlong() throws {
        let driver = try Self.busy()
        Self.take(0, 1, 2, 3, offset: 7, driver)
        driver.revoke(2)
        #expect(driver.commits.flatMap { $0 }.sorted() == [0, 1, 2, 3])
        #expect(driver.core.load.records == 0)
    }

    /// Four partitions, each of which has committed two records, and has a batch of its own by now.
    private static func busy(_ policies: String = "") throws -> CoreDriver {
        let driver = try CoreDriver(policies)
        driver.time = transaction(rows: 10_000)
        driver.assign(0, 1, 2, 3)
        var offset: Int64 = 0
        while driver.commits.last != [3] {
            take(0, 1, 2, 3, offset: offset, driver)
            for _ in 0..<4 { driver.tick() }
            offset += 1
        }
        #expect(offset == 7)
        #expect(
            driver.commits.prefix(6) == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 2], [1, 3]])
        #expect(driver.commits.suffix(4) == [[0], [1], [2], [3]])
        driver.forgetCommits()
        return driver
    }

    private static func take(_ partitions: Int32..., offset: Int64, _ driver: CoreDriver) {
        for partition in partitions {
            driver.take(
                "\(partition)/\(offset)", organisation: "o\(partition)", partition: partition, offset: offset)
        }
    }
}
