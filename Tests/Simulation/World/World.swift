// One simulated world: brokers, a group, PostgreSQL and workers, on one virtual clock and one seed.

import WeirCore
import WeirKafka
import WeirRuntime

/// Everything happens in events that a queue orders by time and then by chance. Troubles come for a while;
/// then all is healed, and what is left must drain.
///
/// An event is a step, and so is every command that a core gives: a crash can come between any two.
final class World {
    let seed: UInt64
    let shape: Shape
    let fixture: Fixture
    /// Of processes that start now.
    private(set) var topology: Topology
    /// Whether anything may wait, or be diverted.
    let hasPolicies: Bool
    let intervention: Intervention
    var dice: Dice
    private(set) var now: Int64 = 0
    private(set) var steps = 0
    private(set) var isHealed = false
    private(set) var violation: Violation?
    var coverage = Coverage()

    private var queue = EventQueue()
    private let traces: Bool
    private(set) var trace: [String] = []
    /// Of everything that happened, to see that a replay is one.
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    private var isDone = false
    private var acting: SimWorker?

    private(set) var broker: SimBroker
    private(set) var group: SimGroup!
    private(set) var database: SimDatabase!
    private(set) var workers: [SimWorker?] = []
    private var input: InputMaker
    private(set) var databaseAwayUntil: Int64 = 0
    private(set) var slowUntil: Int64 = 0
    /// Transactions that were begun, and reads of weir.parked.
    var writes = 0
    var reads = 0
    /// Ids of schemas that records came under and that nobody knew at first.
    private(set) var unknownSchemas: Set<Int32> = []
    /// Of all processes there ever were.
    private var witnesses: [Witness] = []

    /// 2026-11-01.
    static let base: Int64 = 1_793_491_200_000_000
    /// Virtual time in which all must be drained once nothing is wrong any more.
    static let patience: Int64 = 120_000_000

    init(_ task: SimulationRun.Task, fixture: Fixture, traces: Bool = false) {
        seed = task.seed
        self.fixture = fixture
        intervention = task.intervention
        self.traces = traces
        var first = Dice(seed: seed &* 0x2545_f491_4f6c_dd1d &+ 1)
        let shape = task.shape ?? Shape(&first)
        self.shape = shape
        topology = shape.topology(fixture.topology, isMended: false)
        hasPolicies = shape.quotas != nil || shape.schemaDeadline > 0 || shape.newSchemas > 0 || shape.madeUpSchemas > 0
        dice = Dice(seed: first.next())
        input = InputMaker(shape: shape, dice: Dice(seed: first.next()), base: World.base)
        broker = SimBroker(shape: shape)
        group = SimGroup(world: self)
        database = SimDatabase(world: self)
        workers = Array(repeating: nil, count: shape.workers)
    }

    // MARK: Running

    func run() {
        for index in workers.indices { schedule(in: dice.number(0...500_000), "start") { [self] in start(index) } }
        produce()
        if intervention == .none { Trouble(world: self).begin() }
        schedule(in: shape.busy, "heal") { [self] in heal() }
        if shape.longestStall > 0 { watchStalls([:]) }
        while violation == nil, !isDone, let entry = queue.pop() {
            now = entry.time
            mix(UInt64(bitPattern: entry.time))
            countStep(nil)
            entry.action()
            if now > shape.busy + World.patience {
                violate("not drained \(World.patience / 1_000_000) s after all was healed\n\(stateInWords)")
            }
        }
        acting = nil
        if violation == nil { database.checkAtEnd() }
        if let quotas = shape.quotas {
            for witness in witnesses {
                witness.ledger.drop()
                witness.ledger.judge(quotas).map { violate($0) }
            }
        }
        // The worlds of a run must not keep each other's memory: closures hold their world.
        queue = EventQueue()
    }

    func schedule(in delay: Int64, _ name: StaticString, _ action: @escaping () -> Void) {
        queue.push(EventQueue.Entry(time: now + delay, tie: dice.next(), name: name, action: action))
    }

    /// Counts a step, and does what a sweep wants done at it.
    func countStep(_ worker: SimWorker?) {
        steps += 1
        switch intervention {
        case .crash(let step) where step == steps:
            crash((worker ?? workers.compactMap { $0 }.first)?.index ?? 0)
        case .rebalance(let step) where step == steps: group.rebalance(because: "the sweep wants it")
        case .jumps(let step, let time) where step == steps:
            (worker ?? workers.compactMap { $0 }.first)?.jump(by: time)
        case .stops(let step, let time) where step == steps:
            (worker ?? workers.compactMap { $0 }.first)?.stop(for: time)
        default: break
        }
    }

    private func produce() {
        var left = shape.records
        while left > 0 {
            let count = min(left, dice.number(1...12))
            left -= count
            let time = dice.chance(0.15) ? 0 : dice.number(0...shape.busy * 9 / 10)
            schedule(in: time, "produce") { [self] in
                for _ in 0..<count {
                    let record = input.next(wall: World.base + now)
                    if record.needsNewSchema, let id = record.schemaID { unknownSchemas.insert(id) }
                    broker.append(record, in: self)
                }
                for worker in workers { worker?.wake() }
            }
        }
    }

    // MARK: Processes

    func start(_ index: Int) {
        guard workers[index] == nil else { return }
        let worker = SimWorker(index: index, world: self)
        workers[index] = worker
        witnesses.append(worker.witness)
        log("worker \(index) starts")
        worker.begin()
    }

    /// The process is gone; what its sessions had under way is not.
    func crash(_ index: Int) {
        guard let worker = workers[index] else { return }
        log("worker \(index) crashes")
        note(.crash)
        worker.die()
        ended(index)
    }

    /// Something starts it again.
    func ended(_ index: Int) {
        workers[index] = nil
        schedule(in: isHealed ? 10_000 : dice.number(10_000...2_000_000), "restart") { [self] in start(index) }
    }

    func databaseGoesAway(for time: Int64) {
        note(.databaseAway)
        log("PostgreSQL is away for \(time)")
        databaseAwayUntil = max(databaseAwayUntil, now + time)
    }

    func databaseIsSlow(for time: Int64) {
        log("PostgreSQL is slow for \(time)")
        slowUntil = max(slowUntil, now + time)
    }

    // MARK: The end

    private func heal() {
        log("all is healed")
        isHealed = true
        topology = shape.topology(fixture.topology, isMended: true)
        databaseAwayUntil = 0
        slowUntil = 0
        for index in workers.indices {
            if let worker = workers[index] { worker.heal() } else { start(index) }
        }
        lookForEnd()
    }

    private func lookForEnd() {
        if isDrained { isDone = true }
        schedule(in: 100_000, "end?") { [self] in lookForEnd() }
    }

    /// - Parameter before: where each partition stood, and since when.
    private func watchStalls(_ before: [TopicPartition: (next: Int64, since: Int64)]) {
        var stalls: [TopicPartition: (next: Int64, since: Int64)] = [:]
        for id in broker.ids where !isRead(id) {
            let next = database.rows[id]?.next ?? -1
            let stall = before[id].flatMap { $0.next == next ? $0 : nil } ?? (next: next, since: now)
            stalls[id] = stall
            if now - stall.since > shape.longestStall { violate("\(id) stands at \(next)\n\(stateInWords)") }
        }
        schedule(in: 500_000, "stalls?") { [self] in watchStalls(stalls) }
    }

    private var isDrained: Bool {
        database.outbox.isEmpty && broker.ids.allSatisfy { isDrained($0) }
    }

    private func isDrained(_ id: TopicPartition) -> Bool {
        isStuck(id) || (isRead(id) && database.parked.rows(of: id).isEmpty)
    }

    private func isRead(_ id: TopicPartition) -> Bool {
        guard let last = broker.log(id).lastRecord else { return true }
        if let next = database.rows[id]?.next, next > last { return true }
        return isStuck(id)
    }

    /// Reading will never go on there, and what waits with it may wait for ever.
    private func isStuck(_ id: TopicPartition) -> Bool {
        let next = database.rows[id]?.next
        guard let last = broker.log(id).lastRecord else { return true }
        // Lost, and nobody has decided to go on: it stays where it is.
        // So does one that lost nothing but holes: nobody can tell any more.
        if let next, !shape.continuesBehindGap, broker.log(id).first > next { return true }
        return next == nil && broker.log(id).first > last
    }

    var stateInWords: String {
        let partitions = broker.ids.map { id in
            let row = database.rows[id]
            let log = broker.log(id)
            return "  \(id): log \(log.first)..<\(log.end), next \(row?.next.map(String.init) ?? "none"), "
                + "epoch \(row?.epoch ?? 0), sequence \(row?.sequence ?? 0)"
        }
        let waiting = broker.ids.flatMap { database.parked.rows(of: $0) }.map {
            "  row \($0.id) of \($0.source) waits since \($0.parkedAt), \($0.cause), offsets \($0.offsets)"
        }
        let workers = workers.enumerated().map { "  worker \($0): \($1?.words ?? "is down")" }
        return (partitions + waiting + ["  outbox \(database.outbox.keys.sorted())", "  \(group.words)"] + workers)
            .joined(separator: "\n")
    }

    // MARK: What is told

    /// How far the folder of schemas has come.
    var folderStage: Int { shape.knownAt.count { $0 <= now } }

    func note(_ happening: Happening) { coverage.note(happening) }

    func log(_ words: @autoclosure () -> String) {
        guard traces else { return }
        trace.append("\(now) \(words())")
    }

    func mix(_ word: UInt64) { digest = (digest ^ word) &* 0x0000_0100_0000_01b3 }

    func violate(_ words: @autoclosure () -> String) {
        guard violation == nil else { return }
        violation = Violation(seed: seed, words: "at \(now): \(words())")
    }
}
