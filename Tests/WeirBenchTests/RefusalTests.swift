// What cannot be generated is refused in words before anything is sent.

import Testing
import WeirBench
import WeirCore

@Suite struct RefusalTests {
    private func refusal(
        _ fixture: Fixture, events: Int = 10, _ change: (inout GeneratorOptions) -> Void
    ) -> WeirError? {
        do {
            _ = try fixture.generator(events: events, change)
            return nil
        } catch { return error as? WeirError }
    }

    @Test func sharesOutOfRange() throws {
        let fixture = try Fixture.billing()
        #expect(refusal(fixture) { $0.repeats = 1.5 }?.status == .usage)
        #expect(refusal(fixture) { $0.repeats = -0.1 }?.status == .usage)
        let whole = refusal(fixture) {
            $0.repeats = 0.6
            $0.poison = 0.4
        }
        #expect(whole?.status == .usage)
        #expect(refusal(fixture) { $0.organisations = 0 }?.status == .usage)
        #expect(refusal(fixture) { $0.rate = .infinity }?.status == .usage)
        #expect(refusal(fixture) { $0.rate = 1e-15 }?.status == .usage)
        #expect(refusal(fixture, events: -1) { _ in }?.status == .usage)
        #expect(refusal(fixture, events: 0) { _ in } == nil)
    }

    @Test func unbelievableTimes() throws {
        let fixture = try Fixture.apiCalls()
        let future = refusal(fixture) { $0.start = $0.now }
        #expect(future?.message.contains("ahead of the clock") == true)
        let past = refusal(fixture) { $0.start = Timestamp(parsing: "2023-12-31") }
        #expect(past?.message.contains("none before 2024-01-01") == true)
    }

    @Test func poisonThatNoSchemaAllows() throws {
        let text = """
            topology: users
            version: 1
            sources:
              - topic: user.activity.v1
                idempotency: { field: idempotency_key, retention: 35d }
                time: { field: occurred_at, earliest: 2020-01-01 }
            meters: [{ name: users, source: user.activity.v1, aggregate: unique, field: user_id, window: 1h }]
            outputs: { table: billing.usage }
            """
        let fixture = try Fixture(text: text, schemas: Fixture.billing().schemas)
        #expect(refusal(fixture) { $0.poisonKinds = [.negative] }?.status == .usage)
        #expect(refusal(fixture) { $0.largeBytes = 1000 }?.status == .usage)
        #expect(throws: WeirError.self) { try PoisonKind.list("truncated,rotten") }
        #expect(try PoisonKind.list("large,zero") == [.large, .zero])
    }

    @Test func missingSchemaAndField() throws {
        let billing = try Fixture.billing()
        let strangers = try Fixture(text: OddContract.topology, schemas: billing.schemas)
        #expect(refusal(strangers) { _ in }?.message.contains("no schema odd.v1") == true)
        let text = OddContract.topology.replacing("field: price", with: "field: prize")
        let typo = try Fixture(text: text, schemas: OddContract.fixture().schemas)
        #expect(refusal(typo) { _ in }?.message.contains("prize") == true)
    }
}
