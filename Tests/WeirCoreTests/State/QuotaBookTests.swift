// Token buckets: exact to the microsecond, and nothing a record or a clock does makes them overflow.

import Testing
import WeirCore

@Suite struct QuotaBookTests {
    private static let second: Int64 = 1_000_000

    private static func book(
        events: Int?, bytes: Int? = nil, burst: TimeSpan = .seconds(1), own: [String: Quota] = [:], most: Int = 1000
    ) -> QuotaBook {
        QuotaBook(
            Quotas(
                usual: Quota(eventsPerSecond: events, bytesPerSecond: bytes), organisations: own, burst: burst,
                over: .delay), most: most)
    }

    private static func admits(_ book: QuotaBook, _ name: String, bytes: Int = 1, at now: Int64) -> Bool {
        let name = Array(name.utf8)
        return book.admits(name.span.bytes, bytes: bytes, now: now)
    }

    /// Charges a row that was asked for and came.
    private static func charge(_ book: QuotaBook, _ name: String, events: Int, bytes: Int, at now: Int64) {
        let name = Array(name.utf8)
        book.reserve(name, events: events, bytes: bytes, now: now)
        book.settle(name, events: events, bytes: bytes, isUsed: true, now: now)
    }

    /// How many of a thousand events in a row are admitted.
    private static func admitted(_ book: QuotaBook, _ name: String, bytes: Int = 1, at now: Int64) -> Int {
        var count = 0
        while count < 1000, admits(book, name, bytes: bytes, at: now) { count += 1 }
        return count
    }

    @Test func withoutQuotasNothingIsLimited() {
        let book = QuotaBook(nil)
        #expect(!book.isActive)
        #expect(Self.admitted(book, "a", bytes: 1 << 40, at: 0) == 1000)
    }

    @Test func theBurstComesAtOnceAndTheRestByTheRate() {
        let book = Self.book(events: 10, burst: .seconds(3))
        #expect(Self.admitted(book, "a", at: 5) == 30)
        // A tenth of a second is one event, and not a microsecond less.
        #expect(Self.admitted(book, "a", at: 5 + 99_999) == 0)
        #expect(Self.admitted(book, "a", at: 5 + 100_000) == 1)
        #expect(Self.admitted(book, "a", at: 5 + 100_000 + 2 * Self.second) == 20)
        #expect(Self.admitted(book, "a", at: 3600 * Self.second) == 30)
        #expect(Self.admitted(book, "b", at: 3600 * Self.second) == 30)
    }

    /// What is charged although there is no room is not paid for by a quiet time before, beyond the burst.
    @Test func aQuietTimePaysForOneBurstOnly() {
        let book = Self.book(events: 10)
        #expect(Self.admitted(book, "a", at: 0) == 10)
        Self.charge(book, "a", events: 8, bytes: 0, at: 60 * Self.second)
        #expect(Self.admitted(book, "a", at: 60 * Self.second) == 2)
        #expect(Self.admitted(book, "a", at: 61 * Self.second) == 10)
    }

    /// A bucket that was full while something was reserved has gained nothing by it.
    @Test func whatIsGivenBackAddsNothing() {
        let book = Self.book(events: 10)
        let name = Array("a".utf8)
        book.reserve(name, events: 5, bytes: 0, now: 0)
        #expect(Self.admitted(book, "a", at: 60 * Self.second) == 5)
        book.settle(name, events: 5, bytes: 0, isUsed: false, now: 60 * Self.second)
        #expect(Self.admitted(book, "a", at: 60 * Self.second) == 5)
    }

    /// However time is cut up, the same number goes through.
    @Test(arguments: [1, 3, 7, 1000, 999_983] as [Int64])
    func refillsExactly(step: Int64) {
        let book = Self.book(events: 7, burst: .seconds(10))
        var count = Self.admitted(book, "a", at: 0)
        let end = min(50 * Self.second, step * 20_000)
        var now: Int64 = 0
        while now < end {
            now += step
            count += Self.admitted(book, "a", at: now)
        }
        #expect(count == 70 + Int(now * 7 / Self.second))
    }

    @Test func anEventMayOverdrawTheBytesAndTheNextWaits() {
        let book = Self.book(events: nil, bytes: 100, burst: .seconds(1))
        #expect(Self.admits(book, "a", bytes: 1100, at: 0))
        #expect(!Self.admits(book, "a", bytes: 1, at: 10 * Self.second))
        #expect(Self.admits(book, "a", bytes: 1, at: 10 * Self.second + 10_000))
    }

    @Test func bothLimitsCount() {
        let book = Self.book(events: 5, bytes: 100, burst: .seconds(1))
        #expect(Self.admitted(book, "small", bytes: 1, at: 0) == 5)
        #expect(Self.admitted(book, "large", bytes: 50, at: 0) == 2)
    }

    @Test func anOrganisationsOwnQuotaTakesThePlaceOfTheUsualAsAWhole() {
        let book = Self.book(
            events: 2, bytes: 10,
            own: [
                "big": Quota(eventsPerSecond: 500, bytesPerSecond: nil),
                "free": Quota(eventsPerSecond: nil, bytesPerSecond: nil),
            ])
        #expect(Self.admitted(book, "other", at: 0) == 2)
        #expect(Self.admitted(book, "big", bytes: 1 << 30, at: 0) == 500)
        #expect(Self.admitted(book, "free", bytes: 1 << 30, at: 0) == 1000)
    }

    @Test func aClockThatStandsOrGoesBackGivesNothing() {
        let book = Self.book(events: 10)
        #expect(Self.admitted(book, "a", at: 50 * Self.second) == 10)
        #expect(Self.admitted(book, "a", at: 50 * Self.second) == 0)
        #expect(Self.admitted(book, "a", at: 0) == 0)
        #expect(Self.admitted(book, "a", at: .min / 4) == 0)
        // And it does not give the same time twice.
        #expect(Self.admitted(book, "a", at: 50 * Self.second + 500_000) == 5)
    }

    @Test func largeNumbersDoNotOverflow() {
        let book = Self.book(events: 1_000_000_000, bytes: 16 << 30, burst: .seconds(3600))
        #expect(Self.admitted(book, "a", bytes: 1 << 30, at: 0) == 1000)
        #expect(Self.admitted(book, "a", bytes: 1 << 30, at: .max / 2) == 1000)
        let name = Array("a".utf8)
        for _ in 0..<1000 { Self.charge(book, "a", events: 10_000, bytes: 1 << 30, at: .max / 2) }
        #expect(book.hasRoom(name, now: .max / 2 + 3600 * Self.second))
    }

    @Test func whatHasABacklogWaitsBehindIt() {
        let book = Self.book(events: 10)
        let name = Array("a".utf8)
        book.changeBacklog(name, by: 2, now: 0)
        #expect(!Self.admits(book, "a", at: 0))
        #expect(Self.admits(book, "b", at: 0))
        #expect(book.hasRoom(name, now: 0))
        Self.charge(book, "a", events: 25, bytes: 25, at: 0)
        #expect(!book.hasRoom(name, now: 1_599_999))
        #expect(book.hasRoom(name, now: 1_600_000))
        book.changeBacklog(name, by: -1, now: 1_600_000)
        #expect(!Self.admits(book, "a", at: 1_600_000))
        book.changeBacklog(name, by: -1, now: 1_600_000)
        #expect(Self.admits(book, "a", at: 1_600_000))
        book.changeBacklog(name, by: 3, now: 0)
        book.forgetBacklogs()
        #expect(Self.admits(book, "a", at: 3 * Self.second))
    }

    @Test func whatIsReservedIsNotFree() {
        let book = Self.book(events: 10)
        let name = Array("a".utf8)
        book.reserve(name, events: 10, bytes: 0, now: 0)
        #expect(!book.hasRoom(name, now: Self.second))
        book.settle(name, events: 4, bytes: 0, isUsed: true, now: Self.second)
        #expect(!book.hasRoom(name, now: Self.second))
        book.settle(name, events: 6, bytes: 0, isUsed: false, now: Self.second)
        #expect(Self.admitted(book, "a", at: Self.second) == 6)
        book.reserve(name, events: 10, bytes: 0, now: Self.second)
        book.forgetBacklogs()
        #expect(Self.admitted(book, "a", at: 2 * Self.second) == 10)
    }

    @Test(
        arguments: [
            (1, nil, 64, 1 << 20), (500, 1, 500, 64 << 10), (1_000_000, 100_000, 10_000, 100_000),
            (nil, nil, 10_000, 1 << 20),
        ] as [(Int?, Int?, Int, Int)])
    func aRowIsAboutASecond(events: Int?, bytes: Int?, records: Int, size: Int) {
        let book = Self.book(events: events, bytes: bytes)
        #expect(book.rowLimit(Array("a".utf8), now: 0) == .init(records: records, bytes: size))
    }

    /// Names come from records.
    @Test func aMillionNamesDoNotStay() {
        let book = Self.book(events: 10, most: 1000)
        book.changeBacklog(Array("waits".utf8), by: 1, now: 0)
        for number in 0..<1_000_000 {
            #expect(Self.admits(book, "org-\(number)", at: Int64(number) * 1000))
        }
        // A tenth of a second refills one event, so a hundred accounts are in use at any time.
        #expect(book.count <= 1000)
        #expect(!Self.admits(book, "waits", at: 2000 * Self.second))
    }

    @Test func accountsInUseAreNotForgotten() {
        let book = Self.book(events: 1, most: 10)
        for number in 0..<500 { #expect(Self.admitted(book, "org-\(number)", at: 0) == 1) }
        for number in 0..<500 { #expect(Self.admitted(book, "org-\(number)", at: 999_999) == 0) }
        #expect(book.count == 500)
    }
}
