// Delivery notes and positions, in whichever order they come: one lag for each record, and none that is made up.

import Histogram
import Testing
import WeirBench
import WeirKafka

@Suite struct LagBookTests {
    private static let place = TopicPartition(topic: "t", partition: 0)

    /// A book of one partition whose next record has the offset 100, and whose window is from the first second to the third.
    private func book() -> LagBook {
        LagBook(starts: [(Self.place, 100)], window: 1_000_000_000..<3_000_000_000)
    }

    private func note(_ offset: Int64, _ milliseconds: Int64) -> DeliveryNote {
        DeliveryNote(intended: milliseconds * 1_000_000, partition: 0, offset: offset)
    }

    /// Milliseconds of all lags.
    private func lags(_ book: LagBook) -> [UInt64] {
        book.lags.recordedValues().flatMap { pair in
            [UInt64](repeating: (pair.value + 500_000) / 1_000_000, count: Int(pair.count))
        }
    }

    private func look(_ book: inout LagBook, _ position: Int64, _ milliseconds: Int64) {
        book.look([Self.place: position], at: milliseconds * 1_000_000)
    }

    @Test func aPositionCoversWhatIsBelowIt() {
        var book = book()
        book.take([note(100, 1000), note(101, 1100), note(102, 1200)])
        look(&book, 102, 1300)
        #expect(lags(book) == [200, 300] && book.open == 1)
        look(&book, 102, 1400)
        look(&book, 103, 1500)
        #expect(lags(book) == [200, 300, 300] && book.open == 0 && book.settled == 3)
        #expect(book.advances == 1 && book.rewinds == 0)
    }

    /// The broker's report may come after the worker's commit: the record was done when the first look covered it.
    @Test func aNoteThatComesAfterItsLookIsNotLost() {
        var book = book()
        look(&book, 100, 900)
        look(&book, 101, 1300)
        look(&book, 102, 1700)
        #expect(book.settled == 0)
        book.take([note(100, 1000), note(101, 1100)])
        look(&book, 102, 2000)
        #expect(lags(book) == [300, 600])
        #expect(book.settled == 2 && book.unclaimed == 0 && book.tooLate == 0)
    }

    /// The warm-up settles, too, but is in no figure.
    @Test func onlyTheWindowCounts() {
        var book = book()
        book.take([note(100, 999), note(101, 1000), note(102, 2999), note(103, 3000)])
        look(&book, 104, 3100)
        #expect(book.settled == 4 && book.settledInWindow == 2)
        #expect(lags(book) == [101, 2100])
        #expect(book.stretches.map(\.delivered) == [1, 1, 1, 1] && book.stretches.map(\.seen) == [0, 0, 0, 4])
    }

    @Test func whatCannotBeIsCountedAndInNoFigure() {
        var book = book()
        book.take([note(100, 2000), note(102, 1000)])
        look(&book, 103, 1500)
        // Offset 101 is somebody else's; that of 100 is done before it was due.
        #expect(book.unclaimed == 1 && book.negative == 1 && lags(book) == [500])
        look(&book, 102, 1600)
        #expect(book.rewinds == 1)
        book.take([note(101, 1000)])
        look(&book, 103, 1700)
        #expect(book.tooLate == 1 && lags(book) == [500])
        // No more notes come: what lies below the position is nobody's.
        look(&book, 105, 1800)
        #expect(book.unclaimed == 1)
        book.look([:], at: 0, isFinal: true)
        #expect(book.unclaimed == 3 && book.settled == 2)
    }

    /// Far more than are kept at once.
    @Test func aLongRunLosesNothing() {
        var book = book()
        for number in 0..<30_000 as Range<Int64> {
            book.take([note(100 + number, 1000)])
            if number % 1000 == 999 { look(&book, 100 + number - 10, 1001) }
        }
        look(&book, 30_100, 1001)
        #expect(book.settled == 30_000 && lags(book) == [UInt64](repeating: 1, count: 30_000))
    }
}
