// Who has seen the result of which record, and what counts as never seen.

import Testing
import WeirBench
import WeirKafka

struct VisibilityTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    /// A run of a second that began now, of which one record in ten milliseconds was delivered.
    private func run(delivered: Int) -> Visibility {
        let visibility = Visibility()
        visibility.begin([partition], start: MonotonicClock.now(), window: 0..<1_000_000_000)
        let owner = Visibility.stamp("acme".utf8)
        visibility.take(
            (0..<delivered).map {
                DeliveryNote(intended: Int64($0) * 10_000_000, partition: 0, offset: Int64($0), owner: owner)
            })
        return visibility
    }

    /// What the broker refused, or what was never sent, has no result: percentiles are of all that was due.
    @Test func whatNeverCameIsAmongThePercentiles() {
        let visibility = run(delivered: 80)
        MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000_000)
        visibility.see(organisation: "acme", reaches: [(partition, 79)])
        #expect(visibility.result(of: 80).failures == 0)
        let result = visibility.result(of: 100)
        #expect(result.failures == 20 && result.recorded == 80)
        #expect(result.p50 != nil && result.p90 == nil && result.p99 == nil)
    }

    @Test func aResultReachesOnlyItsOffsets() {
        let visibility = run(delivered: 10)
        MonotonicClock.sleep(until: MonotonicClock.now() + 200_000_000)
        visibility.see(organisation: "acme", reaches: [(partition, 4)])
        visibility.see(organisation: "other", reaches: [(partition, 9)])
        #expect(visibility.result(of: 10).failures == 5)
        #expect(visibility.negative == 0)
    }

    /// A result before its record was due is none: somebody else's, or a clock that cannot be.
    @Test func aResultBeforeItsRecordIsToldAsImpossible() {
        let visibility = run(delivered: 100)
        visibility.see(organisation: "acme", reaches: [(partition, 99)])
        #expect(visibility.negative > 0)
        #expect(visibility.result(of: 100).failures == visibility.negative)
    }
}
