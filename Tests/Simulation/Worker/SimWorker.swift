// One process: a core, driven as Worker drives it, on virtual time.

import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

/// What Worker.swift does in a loop is cut into steps here: a poll, a wait, a turn of settling.
final class SimWorker {
    private enum Mode {
        case looping
        /// Waits as Worker does at the end of a turn; goes on with a tick.
        case waiting(drained: Bool)
        case settling([TopicPartition])
        /// Settled; what is not acknowledged is waited for until then.
        case publishing([TopicPartition], until: Int64)
    }

    let index: Int
    private unowned let world: World
    let core: WorkerCore
    let witness: Witness
    /// When its core stops.
    let breaker: BreakerPolicy
    private(set) var store: SimStore!
    private(set) var consumer: SimConsumer?
    private var publisher = SimPublisher()
    private var mode = Mode.looping
    private var verdicts: [(Inspection, GapVerdict)] = []
    private var isDeleting = false
    private var housekeptAt: Int64 = 0
    /// What to do once the consumer is closed.
    private var afterClosing: (() -> Void)?

    private(set) var isAlive = true
    private var isFrozen = false
    private var stoppedAt: Int64 = 0
    private var thaws = 0
    private var cutUntil: Int64 = 0
    private var skew: Int64
    /// Messages for a process that is stopped.
    private var deferred: [(StaticString, () -> Void)] = []
    private var turn = 0
    private var isScheduled = false
    /// A permanent failure was made up for it.
    var mayFail = false
    var isStopping = false
    /// A transaction of it went on in the server after it was given up.
    var hadLateWrite = false

    /// A wait that took this long: the process was stopped.
    static let longestStandstill: Int64 = 2_500_000

    init(index: Int, world: World) {
        self.index = index
        self.world = world
        skew = world.dice.number(-50_000...50_000)
        let topology = world.topology
        breaker = topology.breaker
        witness = Witness(world: world)
        core = WorkerCore(
            topology: topology, sources: topology.sources.map { SourcePlan(source: $0, topology: topology) },
            schemas: SchemaCatalog(world.fixture.folders[world.folderStage]), secret: world.fixture.secret,
            settings: world.shape.settings(topology), dice: Dice(seed: world.dice.next()),
            now: Moment(wall: World.base + world.now, monotonic: world.now))
        store = SimStore(worker: self, world: world)
    }

    var wall: Int64 { World.base + world.now + skew }

    private var moment: Moment { Moment(wall: wall, monotonic: world.now) }

    var isCut: Bool { world.now < cutUntil }

    var words: String {
        """
        \(mode), reading \(core.reading), committing \(core.isCommitting), unanswered \(core.isUnanswered), must \
        rejoin \(core.mustRejoin), load \(core.load.records), failure \(core.failure.map { "\($0)" } ?? "none")
            core: \(core.partitions.values.sorted { $0.id < $1.id }.map {
                "\($0.id) \($0.phase)\($0.isPaused ? " paused" : "")\($0.isAssigned ? "" : " not assigned") to \($0.committed ?? -1)"
            })
            consumer: \(consumer?.words ?? "none")
            store: \(store.words)
        """
    }

    // MARK: The process

    func begin() { go(in: 0) }

    func die() {
        if isAlive {
            if store.isWriting { world.note(.crashWhileWriting) }
            if store.isRestoring { world.note(.crashWhileRestoring) }
            if store.isUnparking { world.note(.crashWhileUnparking) }
            if case .settling = mode { world.note(.crashWhileSettling) }
        }
        isAlive = false
        turn += 1
        store.close()
        consumer?.vanish()
        consumer = nil
        afterClosing = nil
        deferred = []
    }

    private func exit() {
        guard isAlive else { return }
        world.log("worker \(index) ends")
        die()
        world.ended(index)
    }

    /// The process does not run for a while; the world goes on.
    func stop(for time: Int64) {
        guard isAlive, !isFrozen else { return }
        world.note(.stopped)
        world.log("worker \(index) is stopped for \(time)")
        isFrozen = true
        stoppedAt = world.now
        thaws += 1
        let number = thaws
        world.schedule(in: time, "thaw") { [self] in
            if thaws == number { thaw() }
        }
    }

    /// First it goes on where it was; what was said to it meanwhile comes a little later.
    private func thaw() {
        guard isFrozen, isAlive else { return }
        isFrozen = false
        let stood = world.now - stoppedAt
        world.log("worker \(index) goes on")
        if !world.group.holds(consumer?.id) { world.note(.zombieWoke) }
        if stood > Self.longestStandstill, world.dice.chance(0.5) {
            world.note(.stoodStill)
            core.stoodStill(stood)
        }
        for (name, action) in deferred { deliver(in: world.dice.number(0...30_000), name, action) }
        deferred = []
        go(in: world.dice.number(0...10_000))
    }

    func cutOff(for time: Int64) {
        guard isAlive else { return }
        world.note(.networkCut)
        world.log("worker \(index) is cut off from Kafka for \(time)")
        cutUntil = max(cutUntil, world.now + time)
    }

    func jump(by time: Int64) { skew += time }

    func heal() {
        cutUntil = 0
        isStopping = false
        thaw()
    }

    /// Brings something to the process, when it runs.
    func deliver(in delay: Int64, _ name: StaticString, _ action: @escaping () -> Void) {
        world.schedule(in: delay, name) { [self] in
            guard isAlive else { return }
            guard !isFrozen else { return deferred.append((name, action)) }
            action()
        }
    }

    // MARK: Turns

    /// Stands for the pipe that ends a wait.
    func wake() {
        switch mode {
        case .waiting, .settling, .publishing: go(in: world.dice.number(0...300))
        case .looping: break
        }
    }

    private func go(in delay: Int64) {
        turn += 1
        let number = turn
        world.schedule(in: delay, "turn") { [self] in
            guard isAlive, !isFrozen, turn == number else { return }
            step()
        }
    }

    private func step() {
        switch mode {
        case .looping: loop()
        case .waiting(let drained):
            mode = .looping
            advance(drained: drained)
            // Time passes between a decision and the next look at the clock: seldom much.
            if isAlive { go(in: world.dice.chance(0.02) ? world.dice.number(0...200_000) : world.dice.number(0...30)) }
        case .settling(let list): settle(list)
        case .publishing(let list, let until): publish(list, until)
        }
    }

    private func loop() {
        if let failure = core.failure {
            judge(failure)
            return leave { [self] in exit() }
        }
        if isStopping {
            world.note(.leftGracefully)
            return leave { [self] in exit() }
        }
        guard let consumer, !core.mustRejoin else { return join() }
        var drained = true
        core.now = moment
        switch core.reading {
        case .records:
            for _ in 0..<world.dice.number(1...60) {
                guard take(consumer.poll()) else { break }
                drained = false
                guard isAlive, case .looping = mode, case .records = core.reading else { break }
            }
        case .nothing:
            world.note(.readingNothing)
            drained = false
        case .eventsOnly:
            world.note(.eventsOnly)
            drained = false
            for _ in 0..<world.dice.number(1...60) {
                guard take(consumer.poll()) else { break }
                guard isAlive, case .looping = mode else { break }
            }
        }
        guard isAlive, case .looping = mode else { return }
        advance(drained: drained)
        guard isAlive else { return }
        guard case .records = core.reading, !drained else { return wait(drained: drained) }
        go(in: world.dice.number(10...400))
    }

    private func wait(drained: Bool) {
        mode = .waiting(drained: drained)
        waitABit()
    }

    private func waitABit() {
        var time: Int64 = 100_000
        if let due = core.commitDue { time = max(1000, min(time, due - world.now)) }
        if consumer?.hasSomething == true { time = 100 }
        go(in: time)
    }

    /// False if there was no record.
    private func take(_ polled: SimConsumer.Polled) -> Bool {
        switch polled {
        case .nothing: return false
        case .group(let event):
            rebalance(event)
            return false
        case .record(let record):
            let id = TopicPartition(topic: record.topic, partition: record.partition)
            if let state = core.partitions[id] {
                if state.committed ?? 0 > record.offset { world.note(.oldRecordIgnored) }
                witness.take(record, of: id, next: state.next)
            }
            core.take(record)
            return true
        case .outOfRange(let id):
            core.outOfRange(id, at: moment)
            return true
        }
    }

    private func advance(drained: Bool) {
        let now = moment
        for answer in store.takeAnswers() {
            take(answer, now)
            guard isAlive else { return }
        }
        let verdicts = verdicts
        self.verdicts = []
        for (inspection, verdict) in verdicts {
            witness.lookedBehind(inspection, verdict)
            core.inspected(inspection, verdict, at: now)
        }
        publisher.work(world.now) { world.database.publish($0) }
        core.publishBacklog = publisher.backlogBytes
        if core.publishBacklog >= world.shape.longestBacklog { world.note(.backlogHeld) }
        core.tick(now, drained: drained, deleting: isDeleting ? [] : publisher.done)
        deletePublished()
        perform()
        if isAlive { check() }
    }

    private func take(_ answer: SimStore.Answer, _ now: Moment) {
        switch answer {
        case .claimed(let claims, let ticket): core.claimed(claims, ticket: ticket, at: now)
        case .claimFailed(let failure, let ticket): core.claimFailed(failure, ticket: ticket, at: now)
        case .restored(let partition):
            if !partition.parked.isEmpty { world.note(.rowsAdopted) }
            witness.learn(partition.parked, isNew: true)
            core.restored(partition, at: now)
        case .restoreFailed(let failure, let id, let epoch): core.restoreFailed(failure, id, epoch: epoch, at: now)
        case .written(let ticket, let windows, let written):
            witness.learn(written.parked, isNew: false)
            core.written(
                ticket: ticket, windows: windows, outbox: written.outbox, parked: written.parked,
                time: TransactionTime(whole: world.dice.chance(world.shape.split) ? 100_000 : 1, end: 1), at: now)
        case .unparked(let rows, let result): unparked(rows, result, now)
        case .schemas(let stage, let names):
            witness.looked(stage)
            let catalog = stage.map { SchemaCatalog(world.fixture.folders[$0]) }
            let unknown = names.filter { name in catalog.map { $0.meaning(of: name) == nil } ?? false }
            core.refreshed(
                SchemaAnswer(
                    catalog: catalog, unknown: unknown, failure: catalog == nil ? "the folder cannot be read" : nil),
                at: now)
        case .fenced(let ticket): core.fenced(ticket: ticket, at: now)
        case .pending(let ticket): core.pending(ticket: ticket, at: now)
        case .failed(let failure, let ticket): core.commitFailed(failure, ticket: ticket, at: now)
        case .deleted(let ids):
            isDeleting = false
            publisher.forget(ids)
        case .deleteFailed: isDeleting = false
        }
        perform()
    }

    private func deletePublished() {
        guard !publisher.done.isEmpty, !isDeleting, !core.isCommitting, world.now - housekeptAt > 1_000_000 else {
            return
        }
        housekeptAt = world.now
        isDeleting = true
        store.send(.delete(publisher.done))
    }

    // MARK: Commands

    private func perform() {
        while let command = core.nextCommand() {
            guard isAlive else { return }
            world.countStep(self)
            if !world.isHealed, world.shape.crash > 0, world.dice.chance(0.001) {
                world.note(.crashBetweenCommands)
                world.crash(index)
            }
            guard isAlive else { return }
            perform(command)
        }
    }

    private func perform(_ command: WorkerCore.Command) {
        switch command {
        case .claim(let list, let ticket): store.send(.claim(list, ticket: ticket))
        case .restore(let order): store.send(.restore(order))
        case .write(let ticket): store.send(.write(ticket: ticket))
        case .look(let ticket): store.send(.look(ticket: ticket))
        case .assign(let list):
            world.log("worker \(index) answers \(list)")
            let isEarly = core.partitions.values.contains { $0.phase == .restoring }
            if isEarly { world.note(.answeredBeforeRestored) }
            guard let consumer else { return }
            do { try consumer.assign(list) } catch { core.refused("\(error)") }
        case .pause(let list):
            world.log("worker \(index) pauses \(list)")
            for id in list where world.database.parked.schemaRecords(of: id) >= world.shape.mostSchemaRecords {
                world.note(.heldForSchemas)
            }
            // Of a consumer that is about to be closed nothing is expected.
            if !core.mustRejoin { consumer?.pause(list) }
        case .resume(let list):
            world.log("worker \(index) resumes \(list)")
            if !core.mustRejoin { consumer?.resume(list.map(\.0)) }
        case .unpause(let list):
            if !core.mustRejoin { consumer?.resume(list) }
        case .unpark(let rows):
            world.note(.unparkAsked)
            world.log("worker \(index) wants rows \(rows.map(\.id))")
            witness.ask(rows)
            store.send(.unpark(rows))
        case .refreshSchemas(let names):
            witness.look()
            store.send(.refreshSchemas(names))
        case .inspect(let inspection): inspect(inspection)
        case .finished(_, let outbox):
            publish(outbox, .outboxFoundAgain)
            let deleted = core.slot.with { batch in batch.deleting }
            publisher.forget(deleted)
        case .publish(let outbox):
            world.note(.outboxRestored)
            publish(outbox, .outboxFoundAgain)
        case .released(let list):
            // An abandoned worker has nothing left; one that gave some up had nothing open.
            witness.ledger.drop()
            publisher.drop(list)
        case .say(let notice): hear(notice)
        }
    }

    private func unparked(_ rows: [ParkedRow], _ result: Result<[[HeldRecord]], StoreFailure>, _ now: Moment) {
        if case .failure(let failure) = result, failure.isForeign, let id = rows.first?.source,
            let epoch = core.partitions[id]?.epoch, epoch == world.database.rows[id]?.epoch
        {
            world.violate("worker \(index) wants rows of \(id) that are gone, and nobody else owns it")
        }
        let before = (load: core.load.records, next: rows.first.flatMap { core.partitions[$0.source]?.next })
        core.unparked(rows, result, at: now)
        if core.load.records > before.load {
            witness.takeBack(rows, next: before.next ?? 0)
        } else if case .success = result {
            world.note(.unparkIgnored)
        }
    }

    private func publish(_ outbox: [StoredMessages], _ again: Happening) {
        for stored in outbox where !publisher.add(stored, dueAt: world.now + world.shape.publishTime) {
            world.note(again)
        }
    }

    private func inspect(_ inspection: Inspection) {
        world.note(.inspected)
        world.log("worker \(index) looks at \(inspection)")
        world.schedule(in: world.dice.delay(mean: 30_000), "look into the log") { [self] in
            let verdict = world.broker.look(inspection, in: world)
            switch verdict {
            case .explained: world.note(.explained)
            case .lost where inspection.to == nil: world.note(.lostWithoutRecord)
            default: break
            }
            var delay = world.dice.delay(mean: 10_000)
            if case .unknown = verdict { delay += 200_000 }
            deliver(in: delay, "verdict") { [self] in
                verdicts.append((inspection, verdict))
                wake()
            }
        }
    }

    private func hear(_ notice: Notice) {
        world.log("worker \(index) says \(notice)")
        switch notice {
        case .commitFailed: world.note(.commitFailed)
        case .batchTooLarge: world.note(.batchTooLarge)
        case .fenced:
            world.note(.fenced)
            if !isFencedRightly { world.violate("worker \(index) was fenced, and nobody else owns anything of it") }
        case .settleTimedOut: world.note(.settleTimedOut)
        case .unparkFailed: world.note(.unparkFailed)
        case .schemaFound: world.note(.schemaFound)
        case .paused: world.note(.paused)
        case .resumed: world.note(.resumed)
        case .gap: world.note(.gapSaid)
        case .clientSkipped: world.note(.present)
        case .cannotInspect: world.note(.inspectorFailed)
        case .passedOver: world.note(.lostContinued)
        case .stopped: world.note(.lostStopped)
        case .consumerRefuses(let words):
            if words.contains("came while") { world.violate("worker \(index) was surprised: \(words)") }
        default: break
        }
    }

    /// Another epoch is live, or a transaction that was given up went in and took the retry's place. The core
    /// has forgotten its partitions already; its last batch tells.
    private var isFencedRightly: Bool {
        let parts = core.slot.with { batch in batch.parts }
        return hadLateWrite || parts.contains { $0.epoch != world.database.rows[$0.id]?.epoch }
    }

    // MARK: The group

    private func rebalance(_ event: Rebalance) {
        world.log("worker \(index) hears \(event)")
        switch event {
        case .assigned(let list):
            world.note(list.isEmpty ? .assignedNothing : .assigned)
            core.assigned(list, at: moment)
            // As `KafkaConsumer` does.
            if list.isEmpty { consumer?.answerNothing() }
            perform()
        case .revoked(let list):
            world.note(.revoked)
            if store.isUnparking { world.note(.revokedWhileUnparking) }
            core.revoke(list, at: moment)
            settle(list)
        case .lost(let list):
            world.note(.lostPartitions)
            core.lost(list, at: moment)
            perform()
            consumer?.unassign(list)
        }
        if isAlive, case .looping = mode { go(in: 10) }
    }

    private func settle(_ list: [TopicPartition]) {
        mode = .settling(list)
        if core.isSettling { advance(drained: true) }
        guard isAlive else { return }
        if core.isSettling { return waitABit() }
        world.note(.settled)
        guard core.failure == nil, !core.mustRejoin, world.dice.chance(0.5) else { return finishRevoke(list) }
        publish(list, world.now + world.dice.number(0...50_000))
    }

    /// Answers come in meanwhile, as in Worker.
    private func publish(_ list: [TopicPartition], _ until: Int64) {
        mode = .publishing(list, until: until)
        for answer in store.takeAnswers() {
            take(answer, moment)
            guard isAlive else { return }
        }
        guard world.now < until else { return finishRevoke(list) }
        go(in: min(10_000, until - world.now))
    }

    private func finishRevoke(_ list: [TopicPartition]) {
        core.finishRevoke()
        perform()
        guard isAlive else { return }
        consumer?.unassign(list)
        mode = .looping
        if afterClosing != nil { close() } else { go(in: world.dice.number(10...200)) }
    }

    private func join() {
        leave { [self] in
            consumer = SimConsumer(worker: self, world: world)
            mode = .looping
            go(in: world.dice.number(100...2000))
        }
    }

    private func leave(then action: @escaping () -> Void) {
        guard let consumer else { return action() }
        if core.isUnanswered { try? consumer.assign([]) }
        afterClosing = action
        close()
    }

    /// Goes on with closing until there is nothing more to tell.
    private func close() {
        guard let consumer else { return }
        while let event = consumer.nextClosingCallback() {
            if case .assigned = event {
                // As in Worker: closing waits for the answer.
                world.note(.closedWhileAnswering)
                try? consumer.assign([])
                continue
            }
            rebalance(event)
            // Settling takes its time, and goes on from here when it is done.
            guard isAlive, afterClosing != nil, case .looping = mode else { return }
        }
        consumer.close()
        self.consumer = nil
        core.left()
        perform()
        guard isAlive else { return }
        turn += 1
        let action = afterClosing
        afterClosing = nil
        action?()
    }

    // MARK: Failure

    private func judge(_ failure: WeirError) {
        if failure.status == .badData, breaker.deadLetterPercent < 100 {
            world.note(.breakerTripped)
            if let words = BreakerWitness.judge(failure, breaker) { world.violate("worker \(index): \(words)") }
        } else if mayFail {
            world.note(.diedOfIt)
        } else {
            world.violate("worker \(index) failed: \(failure)")
        }
    }

    // MARK: Bounds

    private func check() {
        let shape = world.shape
        // One that is filled and one that is written, and to each a record of every partition that waited
        // behind a gap and came in although the batch was full.
        let waiting = 2 * world.broker.ids.count
        // What comes back from weir.parked was asked for when there was room: as much again, and the last row may be
        // larger than what was left. A row is of one batch.
        let factor = world.hasPolicies ? 6 : 2
        if core.openBatches > 1 { world.note(.severalOpen) }
        if core.load.records > factor * shape.batchRecords + waiting {
            world.violate("worker \(index) holds \(core.load.records) records, batches have \(shape.batchRecords)")
        }
        let largest = InputMaker.recordBytes + 100
        if core.load.bytes > factor * (shape.batchBytes + largest) + waiting * largest {
            world.violate("worker \(index) holds \(core.load.bytes) bytes, batches have \(shape.batchBytes)")
        }
        for (id, state) in core.partitions.sorted(by: { $0.key < $1.key }) {
            guard let row = world.database.rows[id] else { continue }
            if let committed = state.committed, committed > row.next ?? -1, state.epoch > 0 {
                world.violate("worker \(index) believes \(id) \(committed) committed; it is \(row.next ?? -1)")
            }
            if let most = shape.partitionRecords, shape.skips == 0, shape.rewinds == 0, let consumer,
                let position = consumer.positions[id], state.phase == .running, let committed = state.committed
            {
                let held = world.broker.log(id).records(committed..<max(committed, position)).count
                if held > most + shape.batchRecords + 1 {
                    world.violate("worker \(index) holds \(held) records of \(id), which may have \(most)")
                }
            }
        }
    }
}
