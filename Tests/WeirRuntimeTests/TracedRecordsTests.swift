// Which records are followed: bounded in number, and in what it costs to look for them.

import Testing
import WeirKafka
import WeirRuntime

struct TracedRecordsTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"

    /// Offsets that are followed; of each it says what its `traceparent` is. All come at one moment, unless there is a
    /// pause of 10 ms.
    private static func followed(
        of count: Int64, pausingBefore pause: Int64? = nil, _ header: (Int64) -> String?
    ) throws -> [Int64] {
        let driver = try CoreDriver("")
        driver.core.isTracing = true
        driver.assign(0)
        for offset in 0..<count {
            if offset == pause { driver.pass(milliseconds: 10) }
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

    /// A look makes librdkafka parse the headers: there are 250 at one moment, and then one a millisecond.
    @Test func inABacklogOneOfManyIsLookedAt() throws {
        let followed = try Self.followed(of: 520) { $0 < 245 ? nil : "00-\(Self.trace)-01" }
        #expect(followed == [245, 246, 247, 248, 249])
        let later = try Self.followed(of: 520, pausingBefore: 400) { $0 < 245 ? nil : "00-\(Self.trace)-01" }
        #expect(later == Array(245..<250) + Array(400..<410))
    }
}
