// Lost and double are told apart, and neither makes up for the other.

import Testing
import WeirBench
import WeirCore

struct BilledDifferenceTests {
    private let topology: Topology
    private let expectation: Expectation

    init() throws {
        let topology = try Fixture.billing().topology
        self.topology = topology
        let usage = ["a", "b"].flatMap { organisation in
            topology.meters.map { meter in
                Expectation.Usage(
                    organisation: organisation, meter: meter.name, windowStart: 0, windowEnd: 1, dimensions: [:],
                    quantity: "10", eventCount: 10)
            }
        }
        expectation = Expectation(
            topology: topology.name, counts: .init(), topics: [:], deadLetters: [:], usage: usage)
    }

    private func difference(_ change: (inout [ActualUsage]) -> Void) -> [Int] {
        var usage = expectation.usage
        change(&usage)
        let difference = BilledDifference(expected: expectation, actual: usage, topology: topology)
        return [difference.lost, difference.double]
    }

    @Test func whatAgreesIsNothing() { #expect(difference { $0.reverse() } == [0, 0]) }

    @Test func oneWindowDoesNotMakeUpForAnother() {
        #expect(
            difference { usage in
                usage[0].eventCount -= 3
                usage[topology.meters.count].eventCount += 2
            } == [3, 2])
    }

    /// An event that three meters lack is one event.
    @Test func anEventCountsOnceForAllMetersOfItsSource() {
        #expect(
            difference { usage in
                for index in usage.indices where usage[index].organisation == "b" { usage[index].eventCount -= 1 }
            } == [topology.sources.count, 0])
    }

    @Test func rowsThatAreMissingOrExtraCount() {
        let meter = topology.meters.firstIndex { $0.source == topology.sources[0].topic } ?? 0
        #expect(difference { $0.remove(at: meter) } == [10, 0])
        #expect(
            difference { usage in
                usage[meter].organisation = "c"
            } == [10, 10])
    }
}
