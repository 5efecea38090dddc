// A topology that is not Weir's own, with contracts of its own: every aggregate, dimensions, other time units.

import Testing
import WeirBench
import WeirCore

struct OwnTopologyTests {
    @Test func apiCallsAreMeteredInAllWays() throws {
        let rig = try Rig.apiCalls()
        #expect(Set(rig.topology.meters.map(\.aggregate)) == [.count, .sum, .min, .last, .unique])
        try rig.start("a", threads: 2)
        let expectation = try rig.produce(rig.options(events: 15_000) { $0.poison = 0.01 })
        #expect(expectation.usage.contains { !$0.dimensions.isEmpty })
        try rig.expectExact(expectation)
    }
}
