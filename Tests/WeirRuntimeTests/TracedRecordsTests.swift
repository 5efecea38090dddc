// Which records are followed: bounded in number, and in what it costs to look for them.

import Testing
import WeirKafka
import WeirRuntime

struct TracedRecordsTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"

    /// Offsets that are followed of one batch; of each it says what its `traceparent` is.
    private static func followed(of count: Int64, _ header: (Int64) -> String?) throws -> [Int64] {
        let driver = try CoreDriver("")
        driver.core.isTracing = true
        driver.assign(0)
        for offset in 0..<count {
            driver.take(
                "k\(offset)", organisation: "org", offset: offset,
                headers: header(offset).map { [KafkaHeader("traceparent", $0)] } ?? [])
        }
        driver.pass(milliseconds: 500)
        #expect(driver.total.counted == count)
        return driver.total.traced
    }

    @Test func sampledOnesAre() throws {
        let followed = try Self.followed(of: 8) { offset in
            offset == 0 ? nil : offset == 1 ? "nonsense" : "00-\(Self.trace)-\(offset % 2 == 0 ? "01" : "00")"
        }
        #expect(followed == [2, 4, 6])
    }

    @Test func asManyAsASpanMayLinkTo() throws {
        #expect(try Self.followed(of: 200) { _ in "00-\(Self.trace)-01" } == Array(0..<128))
    }

    /// A look makes librdkafka parse the headers.
    @Test func inABacklogOneOfManyIsLookedAt() throws {
        let followed = try Self.followed(of: 520) { $0 < 250 ? nil : "00-\(Self.trace)-01" }
        #expect(followed == [250, 251, 252, 253, 254, 255, 319, 383, 447, 511])
    }
}
