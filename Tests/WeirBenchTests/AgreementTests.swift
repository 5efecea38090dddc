// The expectation and the pipeline's core, which share no code, must agree on everything.

import Testing
import WeirBench
import WeirCore

@Suite struct AgreementTests {
    private func expectAgreement(
        _ fixture: Fixture, events: Int, seed: UInt64, skew: Double = 1.1, kinds: [PoisonKind]? = nil
    ) throws {
        let (records, expectation) = try fixture.records(events: events) {
            $0.seed = seed
            $0.skew = skew
            $0.organisations = 40
            $0.conflicts = 0.05
            $0.poison = 0.1
            $0.late = 0.1
            $0.poisonKinds = kinds
        }
        let pipeline = try Pipeline(records, fixture)
        #expect(records.count == events)
        #expect(pipeline.counts == expectation.counts)
        #expect(pipeline.deadLetters == expectation.deadLetters)
        #expect(expectation.counts.conflicts > 0 && expectation.counts.repeats > 0)
        let check = ExpectationCheck(expected: expectation, actual: pipeline.usage)
        #expect(check.isExact, "\(check.summary)")
        #expect(check.exact == expectation.usage.count)
    }

    @Test(arguments: [UInt64(1), 2]) func billing(seed: UInt64) throws {
        try expectAgreement(Fixture.billing(), events: 20_000, seed: seed)
    }

    @Test func apiCalls() throws {
        try expectAgreement(Fixture.apiCalls(), events: 20_000, seed: 3, skew: 0)
    }

    /// Nested and nullable roles, fixed keys, decimals, enums, maps, recursion; `last` over several keys of one organisation.
    @Test(arguments: [UInt64(1), 2, 3]) func odd(seed: UInt64) throws {
        try expectAgreement(OddContract.fixture(), events: 10_000, seed: seed)
    }

    @Test(arguments: PoisonKind.allCases) func poison(kind: PoisonKind) throws {
        let fixture = try Fixture.billing()
        let (records, expectation) = try fixture.records(events: kind == .large ? 200 : 2000) {
            $0.poison = 0.3
            $0.poisonKinds = [kind]
        }
        let pipeline = try Pipeline(records, fixture)
        #expect(pipeline.deadLetters == expectation.deadLetters)
        #expect(pipeline.counts == expectation.counts)
        let reasons = Set(expectation.deadLetters.values.flatMap(\.keys))
        #expect(reasons == [kind.reason.rawValue])
    }
}
