// What a world's topology does about excess, unknown schemas and poison, drawn from its seed.

import WeirCore
import WeirRuntime

extension Shape {
    /// Ids that become known one after the other.
    static let laterSchemas: [Int32] = [8, 9]
    /// The first of those that never do.
    static let firstMadeUpSchema: Int32 = 90

    mutating func drawPolicies(_ dice: inout Dice) {
        if dice.chance(0.4) { drawQuotas(&dice) }
        if dice.chance(0.3) { drawSchemas(&dice) }
        if dice.chance(0.15) { drawBreaker(&dice) }
    }

    private mutating func drawQuotas(_ dice: inout Dice) {
        hot = dice.pick([0, 0.4, 0.8])
        let events = dice.number(4...12)
        var quotas = Quotas(
            usual: Quota(eventsPerSecond: events, bytesPerSecond: dice.chance(0.3) ? dice.number(200...800) : nil),
            burst: dice.pick([.seconds(1), .seconds(1), .seconds(3)]), over: dice.chance(0.7) ? .delay : .divert)
        if dice.chance(0.4) {
            quotas.organisations["o1"] = Quota(eventsPerSecond: nil, bytesPerSecond: nil)
            quotas.organisations["o0"] = Quota(
                eventsPerSecond: dice.pick([5, 20]), bytesPerSecond: dice.chance(0.3) ? 500 : nil)
        }
        self.quotas = quotas
    }

    private mutating func drawSchemas(_ dice: inout Dice) {
        schemaDeadline = dice.chance(0.1) ? 0 : dice.number(1_000_000...3_000_000)
        schemaRetryFirst = dice.pick([50_000, 500_000])
        schemaRetryLongest = dice.pick([500_000, 2_000_000])
        newSchemas = dice.pick([0.05, 0.3, 0.7])
        madeUpSchemas = dice.pick([0, 0.05])
        folderUnreadable = dice.pick([0, 0.3])
        // In time for some of the records, too late for others, or never.
        knownAt = [0, 1].map { _ in dice.chance(0.8) ? dice.number(0...busy) : .max }.sorted()
        // A partition gets on by so many records in a deadline, and has to drain in the end.
        mostSchemaRecords = dice.pick([8, 20, 10_000])
        mostSchemaWaits = dice.pick([1, 2, 100])
    }

    /// Half of these worlds see a bad deployment, in which hardly a record is good.
    private mutating func drawBreaker(_ dice: inout Dice) {
        breaker = BreakerPolicy(deadLetterPercent: dice.number(20...60), over: dice.number(5...40))
        if dice.chance(0.5) {
            let from = dice.number(0...busy / 2)
            badDeployment = from...(from + busy / 2)
        }
    }

    /// - Parameter isMended: whether the operator has looked after a topology that stops.
    func setPolicies(of topology: inout Topology, isMended: Bool) {
        topology.quotas = quotas
        topology.breaker = isMended ? BreakerPolicy(deadLetterPercent: 100) : breaker
        topology.retries.schemaDeadline = TimeSpan(microseconds: schemaDeadline)
    }

    func setPolicies(of settings: inout WorkerSettings) {
        settings.schemaRetry = Backoff(first: schemaRetryFirst, longest: schemaRetryLongest)
        settings.mostSchemaRecords = mostSchemaRecords
        settings.mostSchemaWaits = mostSchemaWaits
    }

    /// The simulator's topology, with this world's limits.
    func topology(_ base: Topology, isMended: Bool) -> Topology {
        var topology = base
        topology.limits = Limits(
            batchRecords: batchRecords, batchBytes: batchBytes, recordBytes: InputMaker.recordBytes,
            partitionRecords: partitionRecords, partitionBytes: partitionBytes)
        for index in topology.sources.indices { topology.sources[index].onGap = continuesBehindGap ? .continue : .stop }
        setPolicies(of: &topology, isMended: isMended)
        return topology
    }
}
