// Instants and their written form.

import TestSupport
import Testing
import WeirCore

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
