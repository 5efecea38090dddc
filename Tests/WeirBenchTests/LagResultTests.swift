// Percentiles: exact ranks, failures never left out, nothing lost in merging.

import Histogram
import Testing
import WeirBench

@Suite struct LagResultTests {
    private func result(_ milliseconds: some Sequence<Int>, failures: Int = 0) -> LagResult {
        var lags = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        for value in milliseconds { lags.record(UInt64(value) * 1_000_000) }
        return LagResult(lags, failures: failures)
    }

    @Test func ranksAreExact() throws {
        let lags = result(1...1000)
        #expect(abs(try #require(lags.p50) - 500) < 1)
        #expect(abs(try #require(lags.p99) - 990) < 1)
        #expect(abs(try #require(lags.p999) - 999) < 1)
        #expect(abs(try #require(lags.max) - 1000) < 1)
    }

    @Test func failuresAreSlowerThanEverything() {
        // 10 of 1000 are failures: the slowest percent.
        let lags = result(1...990, failures: 10)
        #expect(lags.p99.map { abs($0 - 990) < 1 } == true)
        #expect(lags.p999 == nil)
        #expect(lags.max == nil)
        #expect(result(1...989, failures: 11).p99 == nil)
        #expect(result([], failures: 1).p50 == nil)
    }

    @Test func mergingIsAsIfAllHadBeenOne() {
        let parts = [result(stride(from: 1, to: 5000, by: 2)), result(stride(from: 2, to: 5000, by: 2), failures: 3)]
        let merged = LagResult.merged(parts)
        let one = result(1..<5000, failures: 3)
        #expect(merged.histogram == one.histogram)
        #expect(merged.p999 == one.p999)
        #expect(merged.failures == 3)
        #expect(merged.hgrm == one.hgrm)
    }

    @Test func hgrmIsHdrHistogramsFormat() {
        let lines = result(1...1000).hgrm.split(separator: "\n")
        #expect(lines[0].split(separator: " ") == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"])
        #expect(lines[1].split(separator: " ").count == 4)
        #expect(lines.contains { $0.hasPrefix("#[Max") && $0.contains("1000") })
    }

    /// The last line of what was done is not the hundredth percentile of what was due.
    @Test func hgrmIsOfAllRecordsDue() throws {
        let lines = result(1...55, failures: 45).hgrm.split(separator: "\n")
        let rows = lines.filter { !$0.hasPrefix("#") }.dropFirst().map { $0.split(separator: " ") }
        #expect(rows.allSatisfy { $0.count == 4 })
        let last = try #require(rows.last)
        #expect(last[0].hasPrefix("55."))
        #expect(last[1] == "0.550000000000" && last[2] == "55" && last[3] == "2.22")
        #expect(lines.last == "#[Failures = 45, infinitely late; percentiles are of all 100 records due]")
        #expect(result([], failures: 3).hgrm.contains("#[Failures = 3,"))
    }
}
