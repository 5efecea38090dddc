// Several batches that are filled at once, and the turns in which they are committed.

import Testing
import WeirCore
import WeirKafka
import WeirRuntime

@Suite struct LaneTests {
    /// Of so many microseconds for the rows, where the end takes two milliseconds.
    private static func transaction(rows: Int64) -> TransactionTime { TransactionTime(whole: rows + 4000, end: 2000) }

    private static func judge(_ lanes: inout LaneCount, _ time: TransactionTime) {
        for _ in 0..<lanes.judged { lanes.committed(time) }
    }

    /// The thresholds are those of the formula: the rows of all together are 1, 4 and 16 times what two ends take.
    @Test(arguments: [(1, 4000), (2, 8000), (4, 16_000)] as [(Int, Int64)])
    func transactionsThatAreMostlyRowsAreSplit(count: Int, rows: Int64) {
        var lanes = LaneCount()
        while lanes.count < count { Self.judge(&lanes, Self.transaction(rows: 100_000)) }
        for _ in 0..<10 { Self.judge(&lanes, Self.transaction(rows: rows)) }
        #expect(lanes.count == count)
        // Longer than it takes for the clock to matter.
        Self.judge(&lanes, Self.transaction(rows: rows + 3000))
        #expect(lanes.count == count * 2)
        for _ in 0..<10 { Self.judge(&lanes, Self.transaction(rows: rows / 2)) }
        #expect(lanes.count == count * 2)
        Self.judge(&lanes, Self.transaction(rows: Int64(count) * 1000 - 1))
        #expect(lanes.count == count)
    }

    @Test func thereAreNoMoreThanEight() {
        var lanes = LaneCount()
        for _ in 0..<10 { Self.judge(&lanes, Self.transaction(rows: 1_000_000)) }
        #expect(lanes.count == LaneCount.most)
    }

    /// The same rows take the same time to a server that is far away, but many transactions take longer than one.
    @Test func aServerFarAwayGetsOneTransaction() {
        var lanes = LaneCount()
        for _ in 0..<100 { lanes.committed(TransactionTime(whole: 60_000, end: 20_000)) }
        #expect(lanes.count == 1)
    }

    /// Where nothing is to be won, a server that is quick at its ends is no reason.
    @Test func aShortTurnIsNotSplit() {
        var lanes = LaneCount()
        for _ in 0..<100 { lanes.committed(TransactionTime(whole: 10_000, end: 100)) }
        #expect(lanes.count == 1)
        Self.judge(&lanes, TransactionTime(whole: 10_001, end: 100))
        #expect(lanes.count == 2)
        // In each.
        Self.judge(&lanes, TransactionTime(whole: 2500, end: 100))
        #expect(lanes.count == 2)
        Self.judge(&lanes, TransactionTime(whole: 2499, end: 100))
        #expect(lanes.count == 1)
    }

    @Test func severalAreJudgedTogether() {
        var lanes = LaneCount()
        // One COMMIT that waits for the disk, among some that do not.
        for _ in 0..<100 {
            for _ in 1..<lanes.judged { lanes.committed(Self.transaction(rows: 10_000)) }
            lanes.committed(TransactionTime(whole: 80_000, end: 78_000))
        }
        #expect(lanes.count == 1)
    }

    /// Also after they were busy; what is open by then is committed, whichever batch it is in.
    @Test func quietPartitionsShareATransaction() throws {
        let driver = try Self.busy()
        driver.time = TransactionTime(whole: 500, end: 200)
        for offset: Int64 in 7..<17 {
            Self.take(0, 1, 2, 3, offset: offset, driver)
            for _ in 0..<4 { driver.tick() }
            #expect(driver.core.load.records == 0)
        }
        #expect(driver.commits.last == [0, 1, 2, 3])
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

    @Test func allIsCommittedBeforeAPartitionGoes() throws {
        let driver = try Self.busy()
        Self.take(0, 1, 2, 3, offset: 7, driver)
        driver.revoke(2)
        #expect(driver.commits.flatMap { $0 }.sorted() == [0, 1, 2, 3])
        #expect(driver.core.load.records == 0)
    }

    /// Four partitions, each of which has committed two records, and has a batch of its own by now.
    private static func busy(_ policies: String = "") throws -> CoreDriver {
        let driver = try CoreDriver(policies)
        driver.time = transaction(rows: 100_000)
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

    /// The breaker goes by all that the worker holds, not by the partitions that share a batch.
    @Test func oneBadPartitionIsNotAllOfThem() throws {
        let driver = try Self.busy("breaker: { dead_letter_percent: 50, over: 2 }")
        driver.holdsWrites = true
        Self.take(0, offset: 7, driver)
        driver.tick()
        for offset: Int64 in 7..<11 { driver.take("bad", organisation: "o1", partition: 1, offset: offset, from: "x") }
        driver.pass(milliseconds: 10)
        for offset: Int64 in 8..<12 { Self.take(0, offset: offset, driver) }
        driver.holdsWrites = false
        for _ in 0..<5 { driver.tick() }
        #expect(driver.core.failure == nil)
        #expect(driver.total.deadLetters.count == 4)
    }

    private static func take(_ partitions: Int32..., offset: Int64, _ driver: CoreDriver) {
        for partition in partitions {
            driver.take(
                "\(partition)/\(offset)", organisation: "o\(partition)", partition: partition, offset: offset)
        }
    }
}
