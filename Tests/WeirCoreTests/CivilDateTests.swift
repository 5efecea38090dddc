// The calendar, against Foundation's and against counting.

import Foundation
import TestSupport
import Testing
import WeirCore

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
