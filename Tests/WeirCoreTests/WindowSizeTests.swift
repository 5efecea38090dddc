// Which window a time falls into.

import TestSupport
import Testing
import WeirCore

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
