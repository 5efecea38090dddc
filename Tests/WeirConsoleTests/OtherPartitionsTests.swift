// Whether others' partitions move: told of what stands, and never of what is only quiet.

import Testing
import WeirConsole
import WeirObserve

struct OtherPartitionsTests {
    private static let place = OtherPartitions.Place("t", 0)
    private var others = OtherPartitions()

    /// PostgreSQL and a broker answer at that second.
    private mutating func look(_ second: Int64, committed: Int64, end: Int64) {
        var rows = DatabaseAnswer<[DatabaseAnswers.Partition]>()
        rows.answer(
            [DatabaseAnswers.Partition(topic: "t", partition: 0, epoch: 1, owner: "o", committed: committed)],
            at: second * 1_000_000)
        others.note(
            rows, ends: [LogEnd(topic: "t", partition: 0, end: end, askedAt: second * 1_000_000 + 1)],
            monotonic: second * 1_000_000)
    }

    private var stands: Int64? { others.stands(Self.place) }

    /// Its process is stopped, and records come.
    @Test mutating func aLogThatGrowsWhileTheOffsetStandsIsTold() {
        look(1, committed: 10, end: 12)
        look(2, committed: 14, end: 15)
        look(3, committed: 14, end: 20)
        #expect(stands == nil)
        look(5, committed: 14, end: 30)
        #expect(stands == 2_000_000)
        look(9, committed: 14, end: 30)
        #expect(stands == 6_000_000)
        look(10, committed: 25, end: 30)
        #expect(stands == nil)
    }

    @Test mutating func whatMovesIsNotTold() {
        for second in 1...60 as ClosedRange<Int64> {
            look(second, committed: second * 10, end: second * 10 + 9)
            #expect(stands == nil)
        }
    }

    /// One that was idle for an hour does not stand since then when a record comes.
    @Test mutating func anIdleOneIsNotTold() {
        for second in stride(from: Int64(0), to: 3600, by: 5) { look(second, committed: 7, end: 7) }
        look(3600, committed: 7, end: 8)
        look(3601, committed: 8, end: 8)
        #expect(stands == nil)
    }

    /// Offsets behind the committed one may be markers of transactions.
    @Test mutating func aLogThatDoesNotGrowProvesNothing() {
        for second in 1...60 as ClosedRange<Int64> {
            look(second, committed: 7, end: 9)
            #expect(stands == nil)
        }
    }

    /// What PostgreSQL said once may be long over.
    @Test mutating func withoutPostgresNothingIsKnown() {
        look(1, committed: 7, end: 7)
        look(2, committed: 7, end: 9)
        look(8, committed: 7, end: 9)
        #expect(stands == 6_000_000)
        var rows = DatabaseAnswer<[DatabaseAnswers.Partition]>()
        rows.fail("away")
        others.note(rows, ends: [], monotonic: 9_000_000)
        #expect(stands == nil)
    }
}
