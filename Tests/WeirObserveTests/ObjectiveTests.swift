// The arithmetic of objectives against numbers worked out by hand.

import Testing
import WeirCore
import WeirObserve

struct ObjectiveTests {
    private static let objective = Objective()

    @Test func thePromiseInNumbers() {
        #expect(Self.objective.share == 0.99)
        #expect(Self.objective.allowance == 0.01)
        #expect(Objective(millionths: 999_000).allowance == 0.001)
    }

    /// 60 seconds of outage at 1,000 records a second: those of the first 58 seconds are late.
    @Test func anOutageOfAMinute() throws {
        let hour = RecordTally(good: 3_600_000 - 58_000, total: 3_600_000)
        let burn = try #require(Self.objective.burnRate(hour))
        // 58,000 of 3,600,000 are 1.6111 %, of the 1 % that may be.
        #expect(abs(burn - 1.611_11) < 0.000_01)
        // Of 30 days, 2,592,000,000 records, 25,920,000 may be late: 58,000 are 0.2238 % of those.
        let month = RecordTally(good: 2_592_000_000 - 58_000, total: 2_592_000_000)
        let left = try #require(Self.objective.budgetLeft(month))
        #expect(abs(left - 0.997_762_3) < 0.000_000_1)
        // In five minutes 58,000 of 300,000 are 19.33 %.
        let short = try #require(Self.objective.burnRate(RecordTally(good: 242_000, total: 300_000)))
        #expect(abs(short - 19.333_3) < 0.001)
    }

    @Test func budgetsEnd() throws {
        #expect(Self.objective.budgetLeft(RecordTally(good: 100, total: 100)) == 1)
        #expect(abs(try #require(Self.objective.budgetLeft(RecordTally(good: 99, total: 100)))) < 1e-9)
        #expect(abs(try #require(Self.objective.budgetLeft(RecordTally(good: 97, total: 100))) + 2) < 1e-9)
        #expect(Self.objective.compliance(RecordTally(good: 97, total: 100)) == 0.97)
    }

    @Test func noRecordsAreNoData() {
        #expect(Self.objective.burnRate(RecordTally()) == nil)
        #expect(Self.objective.budgetLeft(RecordTally()) == nil)
        #expect(Self.objective.compliance(RecordTally()) == nil)
    }

    @Test func aRuleNeedsBothWindows() {
        let rule = BurnRule.all[0]
        #expect(rule.fires(long: 14.5, short: 20))
        #expect(!rule.fires(long: 14.4, short: 20))
        #expect(!rule.fires(long: 20, short: 14.4))
        #expect(!rule.fires(long: nil, short: 20))
        #expect(!rule.fires(long: 20, short: nil))
    }

    // MARK: Windows

    /// A hundred records every ten seconds for two hours, ten of each hundred late in the last half hour.
    private static func series() -> TallySeries {
        var series = TallySeries(period: .seconds(30 * 86_400))
        var tally = RecordTally()
        for step in 0...720 {
            series.note(tally, at: Int64(step) * 10_000_000)
            tally.add(good: step >= 540 ? 90 : 100, total: 100)
        }
        return series
    }

    @Test func windowsCount() {
        let series = Self.series()
        #expect(series.window(.seconds(300)) == .covered(RecordTally(good: 2700, total: 3000)))
        #expect(series.window(.seconds(1800)) == .covered(RecordTally(good: 16_200, total: 18_000)))
        #expect(series.window(.seconds(3600)) == .covered(RecordTally(good: 34_200, total: 36_000)))
    }

    @Test func aWindowLongerThanTheProcessIsNotCovered() {
        #expect(
            Self.series().window(.seconds(6 * 3600))
                == .since(.seconds(7200), RecordTally(good: 70_200, total: 72_000)))
        #expect(TallySeries(period: .seconds(86_400)).window(.seconds(300)) == .empty)
    }

    /// Ten of a hundred late for half an hour, none before: 10 in the short windows, 5 in the hour, 2.5 in two hours.
    @Test func burnRatesAreThoseOfTheirWindows() {
        let status = BudgetStatus(Self.objective, Self.series())
        let rates = status.burns.map { burn in burn.rate.map { ($0 * 1000).rounded() / 1000 } }
        #expect(rates == [10, 10, 5, nil, nil])
        #expect(status.compliance == nil)
        #expect(status.left == nil)
        #expect(status.sinceStart?.time == .seconds(7200))
        #expect(status.sinceStart?.tally == RecordTally(good: 70_200, total: 72_000))
        // Six hours are not covered: no rule fires for want of data, and none is said to be kept.
        #expect(status.firing.isEmpty)
    }

    @Test func aRuleFiresInTheProcess() {
        var series = TallySeries(period: .seconds(30 * 86_400))
        for step in 0...400 {
            series.note(RecordTally(good: UInt64(step) * 80, total: UInt64(step) * 100), at: Int64(step) * 10_000_000)
        }
        #expect(BudgetStatus(Self.objective, series).firing == [BurnRule.all[0]])
    }

    @Test func aMonthOfPointsFitsAndCounts() {
        var series = TallySeries(period: .seconds(30 * 86_400))
        var tally = RecordTally()
        // Forty days, a point a minute.
        for minute in 0...(40 * 1440) {
            series.note(tally, at: Int64(minute) * 60_000_000)
            tally.add(good: 59, total: 60)
        }
        guard case .covered(let month) = series.window(.seconds(30 * 86_400)) else {
            Issue.record("a month is not covered after forty days")
            return
        }
        // Up to an hour more than asked for.
        let minutes = month.total / 60
        #expect((43_200...43_260).contains(minutes))
        #expect(month.bad == minutes)
    }
}
