// The comparison finds every planted error, and nothing else.

import Foundation
import Testing
import WeirBench
import WeirCore

@Suite struct ExpectationCheckTests {
    private func expectation() throws -> Expectation { try Fixture.billing().records(events: 2000).expectation }

    private func actual(_ expectation: Expectation) -> [ActualUsage] {
        expectation.usage.map {
            ActualUsage(
                organisation: $0.organisation, meter: $0.meter, windowStart: $0.windowStart, windowEnd: $0.windowEnd,
                dimensions: $0.dimensions, quantity: $0.quantity + ".000000", eventCount: $0.eventCount)
        }
    }

    @Test func agreesWithItself() throws {
        let expectation = try expectation()
        let check = ExpectationCheck(expected: expectation, actual: actual(expectation).shuffled())
        #expect(check.isExact)
        #expect(check.exact == expectation.usage.count)
        #expect(check.examples.isEmpty)
    }

    @Test func findsPlantedErrors() throws {
        let expectation = try expectation()
        var found = actual(expectation)
        found[3].quantity = "123456789.5"
        found[4].eventCount += 1
        found[5].windowEnd += 1
        found[6].dimensions["region"] = "eu"  // One missing, one extra.
        found[7].organisation = "org-999999"  // The same.
        found.append(found[10])  // Twice.
        found.remove(at: 8)
        let check = ExpectationCheck(expected: expectation, actual: found)
        #expect(!check.isExact)
        #expect(check.wrong == 3)
        #expect(check.extra == 3)
        #expect(check.missing == 3)
        #expect(check.exact == expectation.usage.count - 6)
        #expect(check.examples.count == 9)
        #expect(check.summary.contains("quantity is 123456789.5"))
    }

    @Test func examplesAreFew() throws {
        let expectation = try expectation()
        let check = ExpectationCheck(expected: expectation, actual: [])
        #expect(check.missing == expectation.usage.count)
        #expect(check.examples.count == 10)
    }

    @Test(arguments: [
        ("12", "12.000000", true), ("0.5", "00.50", true), ("-1", "-1.0", true), ("0", "-0.00", true),
        ("12", "1.2", false), ("1", "10", false), ("1", "-1", false), ("", "0", false), ("1e3", "1000", false),
        ("99999999999999999999999999999.1", "99999999999999999999999999999.10", true),
        ("9007199254740993", "9007199254740992", false), ("1.", "1", false),
    ])
    func comparesNumbers(one: String, other: String, isEqual: Bool) {
        let window = (start: Int64(0), end: Int64(1))
        let usage = Expectation.Usage(
            organisation: "a", meter: "m", windowStart: window.start, windowEnd: window.end, dimensions: [:],
            quantity: one, eventCount: 1)
        let actual = ActualUsage(
            organisation: "a", meter: "m", windowStart: window.start, windowEnd: window.end, dimensions: [:],
            quantity: other, eventCount: 1)
        let expectation = Expectation(
            topology: "t", counts: .init(), topics: [:], deadLetters: [:], usage: [usage])
        #expect(ExpectationCheck(expected: expectation, actual: [actual]).isExact == isEqual)
    }

    @Test func filesKeepEverything() throws {
        let expectation = try OddContract.fixture().records(events: 500) { $0.poison = 0.1 }.expectation
        let path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString).json")
            .path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try expectation.save(to: path)
        #expect(try Expectation.load(path: path) == expectation)
    }
}
