// The headers of a replayed record: taken out whole, believed only within bounds.

import Testing
import WeirCore
import WeirKafka
import WeirRuntime

struct ReplayMarksTests {
    private let own = [
        KafkaHeader("trace", "1"), KafkaHeader("trace", "2"), KafkaHeader(name: "null", value: nil),
        KafkaHeader("weir.error.reason", "not ours"), KafkaHeader("weir.replay.other", "not ours"),
    ]

    @Test func whatIsAddedIsTakenOutAgain() {
        let marks = ReplayMarks(count: 2, firstSeen: Timestamp(microseconds: 1_700_000_000_123_456), of: 17)
        var headers = own + marks.headers
        #expect(headers.count == own.count + 3)
        #expect(ReplayMarks.take(from: &headers) == marks)
        #expect(headers == own)
        #expect(ReplayMarks.take(from: &headers) == nil)
        #expect(headers == own)
    }

    @Test func marksThatMakeNoSenseAreTakenOutAndNotBelieved() {
        for count in ["0", "-1", "x", "", "99999999999999999999"] {
            var headers = [KafkaHeader("weir.replay.count", count)] + own
            #expect(ReplayMarks.take(from: &headers) == nil, "\(count)")
            #expect(headers == own)
        }
        var headers =
            [
                KafkaHeader("weir.replay.count", String(Int32.max)), KafkaHeader("weir.replay.first_seen", "yesterday"),
                KafkaHeader("weir.replay.of", "-3"),
            ] + own
        let marks = ReplayMarks.take(from: &headers)
        #expect(marks == ReplayMarks(count: ReplayMarks.mostCounted, firstSeen: nil, of: nil))
        var nothing = [KafkaHeader(name: "weir.replay.count", value: nil)]
        #expect(ReplayMarks.take(from: &nothing) == nil && nothing.isEmpty)
    }
}
