// Lengths of time, instants, civil dates and windows.

import Foundation
import Testing
import WeirCore

@Suite struct TimeSpanTests {
    @Test(
        arguments: [
            ("250ms", 250_000), ("5s", 5_000_000), ("10m", 600_000_000), ("2h", 7_200_000_000),
            ("35d", 3_024_000_000_000), ("7us", 7), ("0s", 0),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) {
        #expect(TimeSpan(parsing: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "5 s", " 5s", "5S", "1.5h", "5sec", "1mo", "٥s", "9223372036854775807d",
        "99999999999999999999s",
    ])
    func refuses(text: String) {
        #expect(TimeSpan(parsing: text) == nil)
    }

    @Test func writesWhatItReads() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            let span = TimeSpan(microseconds: Int64.random(in: 0...(1 << Int64.random(in: 1...62)), using: &random))
            #expect(TimeSpan(parsing: span.description) == span)
        }
        #expect(TimeSpan(microseconds: 86_400_000_000).description == "1d")
        #expect(TimeSpan(microseconds: 90_000_000).description == "90s")
    }
}

@Suite struct ByteSizeTests {
    @Test(arguments: [("0B", 0), ("512B", 512), ("64KiB", 65_536), ("64MiB", 64 << 20), ("2GiB", 2 << 30)])
    func reads(text: String, bytes: Int) {
        #expect(ByteSize(parsing: text)?.bytes == bytes)
        #expect(ByteSize(bytes: bytes).description == text)
    }

    @Test(arguments: ["", "5", "MiB", "-1B", "5 MiB", "5MB", "5mib", "1.5GiB", "9223372036854775807KiB"])
    func refuses(text: String) {
        #expect(ByteSize(parsing: text) == nil)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1_000_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("2020-01-01", 1_577_836_800_000_000), ("2024-02-29T12:00:00.5Z", 1_709_208_000_500_000),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) {
        #expect(Timestamp(parsing: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2020", "2020-1-1", "2020-13-01", "2020-00-01", "2021-02-29", "1900-02-29", "2020-04-31", "2020-01-01T",
        "2020-01-01Z", "2020-01-01T24:00:00Z", "2020-01-01T10:00:00", "2020-01-01T10:00:00.Z",
        "2020-01-01T10:00:00.1234567Z", "2020-01-01T10:00:00+01:00", "2020-01-01 10:00:00Z", "２020-01-01",
    ])
    func refuses(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test func writesWhatItReads() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<10_000 {
            // Years 0000 to 9999, to the microsecond.
            let time = Timestamp(
                microseconds: Int64.random(in: -62_167_219_200_000_000..<253_402_300_800_000_000, using: &random))
            #expect(Timestamp(parsing: time.description) == time)
        }
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: 0).description == "1970-01-01T00:00:00Z")
    }
}

@Suite struct CivilDateTests {
    @Test func agreesWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededGenerator(seed: 3)
        // From 1600 on: before 1582 Foundation's calendar is Julian, ours is not.
        for _ in 0..<5000 {
            let day = Int64.random(in: -135_140...300_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let expected = CivilDate(
                year: try #require(parts.year), month: try #require(parts.month), day: try #require(parts.day))
            #expect(CivilDate(daysSinceEpoch: day) == expected)
            #expect(expected.daysSinceEpoch == day)
        }
    }

    @Test func countsEveryDayOfFourCenturiesOnce() {
        var date = CivilDate(year: 1800, month: 1, day: 1)
        var wrong = 0
        for day in date.daysSinceEpoch..<(date.daysSinceEpoch + 146_097) {
            if CivilDate(daysSinceEpoch: day) != date || date.daysSinceEpoch != day { wrong += 1 }
            date.day += 1
            let isLeap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0
            if date.day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][date.month - 1] {
                date.day = 1
                date.month += 1
            }
            if date.month > 12 {
                date.month = 1
                date.year += 1
            }
        }
        #expect(wrong == 0)
        #expect(date == CivilDate(year: 2200, month: 1, day: 1))
    }
}

@Suite struct WindowSizeTests {
    private func time(_ text: String) throws -> Int64 { try #require(Timestamp(parsing: text)).microseconds }

    @Test func dividesTowardsNegativeInfinity() {
        #expect(Int64(7).flooredDivision(by: 3) == 2)
        #expect(Int64(-7).flooredDivision(by: 3) == -3)
        #expect(Int64(-6).flooredDivision(by: 3) == -2)
        #expect(Int64(-1).flooredDivision(by: 86_400_000_000) == -1)
        #expect(Int64(0).flooredDivision(by: 5) == 0)
    }

    @Test(arguments: [
        ("1h", "2026-11-23T10:59:59.999999Z", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"),
        ("1h", "2026-11-23T11:00:00Z", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"),
        ("1h", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:00:00Z", "1970-01-01"),
        ("1d", "1969-12-31T00:00:00Z", "1969-12-31", "1970-01-01"),
        ("1mo", "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01"),
        ("1mo", "2027-01-01T00:00:00Z", "2027-01-01", "2027-02-01"),
        ("1mo", "2024-02-29T12:00:00Z", "2024-02-01", "2024-03-01"),
        ("1mo", "1969-12-31T23:59:59.999999Z", "1969-12-01", "1970-01-01"),
        ("1mo", "1900-02-28T23:00:00Z", "1900-02-01", "1900-03-01"),
    ])
    func places(size: String, instant: String, start: String, end: String) throws {
        let window = try #require(WindowSize(parsing: size))
        let found = window.start(of: try time(instant))
        #expect(found == (try time(start)))
        #expect(window.end(from: found) == (try time(end)))
        #expect(window.description == size)
    }

    @Test(arguments: ["1mo", "1s", "10m", "1h", "7d"])
    func coversEveryTimeByOneWindow(size: String) throws {
        let window = try #require(WindowSize(parsing: size))
        var random = SeededGenerator(seed: 4)
        for _ in 0..<5000 {
            let time = Int64.random(in: -62_167_219_200_000_000..<253_402_300_800_000_000, using: &random)
            let start = window.start(of: time)
            let end = window.end(from: start)
            #expect(start <= time && time < end)
            #expect(window.start(of: start) == start)
            #expect(window.start(of: end - 1) == start)
            #expect(window.start(of: end) == end)
        }
    }

    @Test func followsMonthsAcrossYears() {
        var start = CivilDate(year: 1899, month: 1, day: 1).daysSinceEpoch * 86_400_000_000
        for year in 1899...2101 {
            for month in 1...12 {
                #expect(start == CivilDate(year: year, month: month, day: 1).daysSinceEpoch * 86_400_000_000)
                start = WindowSize.month.end(from: start)
            }
        }
    }

    @Test(arguments: ["", "0s", "1", "2mo", "mo", "1month", "-1h", "1M"])
    func refuses(text: String) {
        #expect(WindowSize(parsing: text) == nil)
    }
}
