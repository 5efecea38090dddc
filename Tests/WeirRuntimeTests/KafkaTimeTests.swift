// Timestamps of records, sensible ones and others.

import Testing
import WeirRuntime

@Suite struct KafkaTimeTests {
    @Test func readsMilliseconds() {
        #expect(KafkaTime.microseconds(0) == 0)
        #expect(KafkaTime.microseconds(1_790_000_000_123) == 1_790_000_000_123_000)
        #expect(KafkaTime.microseconds(Int64.max / 1000) == Int64.max / 1000 * 1000)
    }

    /// A producer that writes nanoseconds must not stop the worker.
    @Test(arguments: [-1, Int64.min, Int64.max / 1000 + 1, 1_790_000_000_123_456_789, Int64.max])
    func takesOthersForNone(milliseconds: Int64) {
        #expect(KafkaTime.microseconds(milliseconds) == nil)
    }
}
