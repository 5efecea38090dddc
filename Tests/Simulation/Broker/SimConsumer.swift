// A member of the group as librdkafka is one: callbacks inside polls, positions, pauses that outlive assignments.

import WeirKafka
import WeirRuntime

final class SimConsumer {
    enum Polled {
        case group(Rebalance)
        case record(SimRecord)
        case outOfRange(TopicPartition)
        case nothing
    }

    enum Membership {
        case idle, joining
        /// The application was given partitions, or will be by the next poll, and has not answered.
        case unanswered
        case steady
        /// The application is giving partitions up.
        case revoking
    }

    struct Refused: Error {
        let words: String
    }

    let worker: SimWorker
    private unowned let world: World
    private let isCooperative: Bool
    private(set) var id: Int?
    private(set) var membership = Membership.idle
    /// Delivered by the next poll.
    private var callback: Rebalance?
    private(set) var positions: [TopicPartition: Int64] = [:]
    /// Out of range: librdkafka reads them no more.
    private var givenUp: Set<TopicPartition> = []
    private(set) var paused: Set<TopicPartition> = []
    /// Given along with what is taken away.
    private var incoming: [TopicPartition]?
    private var isLost = false
    private var joinsAgain = false
    private var isClosed = false
    private var heardAt: Int64 = 0
    /// Records that were fetched before the network went.
    private var fetched = 0

    init(worker: SimWorker, world: World) {
        self.worker = worker
        self.world = world
        isCooperative = world.shape.isCooperative
        beat()
        join()
    }

    var words: String {
        "\(membership), positions \(positions.sorted { $0.key < $1.key }.map { "\($0.key)@\($0.value)" }), "
            + "paused \(paused.sorted()), given up \(givenUp.sorted())"
    }

    private var owned: [TopicPartition] { positions.keys.sorted() }

    // MARK: Polling

    /// Stands for the queue that wakes a waiting worker.
    var hasSomething: Bool { callback != nil }

    func poll() -> Polled {
        if let callback, world.dice.chance(0.6) {
            self.callback = nil
            if case .revoked(let list) = callback, isLost { return .group(.lost(list)) }
            return .group(callback)
        }
        let isCut = worker.isCut
        guard !isCut || fetched > 0, !world.dice.chance(0.03) else { return .nothing }
        let readable = positions.keys.filter {
            !paused.contains($0) && !givenUp.contains($0) && world.broker.log($0).end > positions[$0] ?? 0
        }.sorted()
        guard !readable.isEmpty else { return .nothing }
        if isCut { fetched -= 1 } else { fetched = world.dice.below(10) }
        let id = world.dice.pick(readable)
        let log = world.broker.log(id)
        var position = positions[id] ?? 0
        let isOut = position < log.first || (!world.isHealed && world.dice.chance(world.shape.spuriousRange))
        if isOut {
            givenUp.insert(id)
            world.note(.outOfRange)
            world.log("worker \(worker.index): \(id) \(position) is out of range")
            return .outOfRange(id)
        }
        if !world.isHealed, world.dice.chance(world.shape.skips), position > log.first {
            // What is skipped at the end of the log shows only when more comes, which it need not here.
            let behind = position + Int64(world.dice.number(1...3))
            if log.record(from: behind) != nil {
                world.note(.clientSkipped)
                position = behind
            }
        } else if !world.isHealed, world.dice.chance(world.shape.rewinds) {
            world.note(.clientRewound)
            position = max(log.first, position - Int64(world.dice.number(1...5)))
        }
        guard let record = log.record(from: position) else {
            positions[id] = log.end
            return .nothing
        }
        positions[id] = record.offset + 1
        return .record(record)
    }

    // MARK: What the application calls

    func assign(_ list: [(TopicPartition, StartOffset)]) throws {
        guard membership == .unanswered else { throw Refused(words: "assign while \(membership)") }
        if !world.isHealed, world.dice.chance(world.shape.kafkaRefuses) {
            world.note(.kafkaRefused)
            throw Refused(words: "the simulated broker is in a mood")
        }
        if !isCooperative { positions = [:] }
        for (id, start) in list {
            givenUp.remove(id)
            switch start {
            case .earliest: positions[id] = world.broker.log(id).first
            case .at(let offset): positions[id] = offset
            }
        }
        membership = .steady
        if joinsAgain { join() }
    }

    /// Nothing was given: there is nothing to do but to say so.
    func answerNothing() {
        guard membership == .unanswered else { return }
        membership = .steady
        if joinsAgain { join() }
    }

    func pause(_ list: [TopicPartition]) {
        for id in list {
            if positions[id] == nil { world.violate("worker \(worker.index) pauses \(id), which it does not read") }
            paused.insert(id)
            world.note(.partitionPaused)
        }
    }

    func resume(_ list: [TopicPartition]) {
        for id in list {
            if paused.remove(id) == nil {
                world.violate("worker \(worker.index) resumes \(id), which is not paused: librdkafka may rewind it")
            }
            world.note(.partitionResumed)
        }
    }

    /// The callback that took these away has returned.
    func unassign(_ list: [TopicPartition]) {
        for id in list { positions[id] = nil }
        if isLost {
            isLost = false
            incoming = nil
            // Under the cooperative protocol what was not taken is kept, and joins with the member.
            if !isCooperative { positions = [:] }
        }
        guard !isClosed else { return }
        if let incoming {
            self.incoming = nil
            joinsAgain = true
            give(incoming)
        } else {
            join()
        }
    }

    /// What closing still has to tell the application; nil when it may close.
    func nextClosingCallback() -> Rebalance? {
        isClosed = true
        if let callback {
            self.callback = nil
            if case .revoked(let list) = callback, isLost { return .lost(list) }
            return callback
        }
        guard !owned.isEmpty else { return nil }
        membership = .revoking
        return isLost ? .lost(owned) : .revoked(owned)
    }

    func close() {
        isClosed = true
        membership = .idle
        guard let id, !worker.isCut else { return }
        world.schedule(in: world.dice.number(100...5000), "leave group") { [world] in world.group.leave(id) }
    }

    func vanish() {
        isClosed = true
        membership = .idle
    }

    // MARK: Membership

    private func join() {
        membership = .joining
        joinsAgain = false
        // The answer to an assignment counts as a join: until then nothing else is asked.
        worker.deliver(in: world.dice.number(500...20_000), "join group") { [self] in
            guard !isClosed, membership == .joining else { return }
            guard !worker.isCut else { return join() }
            heardAt = world.now
            guard let known = world.group.join(self, id: id, owned: isCooperative ? owned : []) else {
                return forgotten()
            }
            id = known
        }
    }

    /// The generation is made; the coordinator says what is whose.
    func synced(_ list: [TopicPartition], member: Int) {
        worker.deliver(in: world.dice.number(500...10_000), "sync group") { [self] in
            guard !isClosed, membership == .joining, id == member else { return }
            guard !worker.isCut else { return join() }
            heardAt = world.now
            guard isCooperative else { return give(list) }
            let lost = owned.filter { !list.contains($0) }
            let added = list.filter { positions[$0] == nil }
            if lost.isEmpty { return give(added) }
            incoming = added
            take(lost)
        }
    }

    private func give(_ list: [TopicPartition]) {
        membership = .unanswered
        callback = .assigned(list)
        worker.wake()
    }

    private func take(_ list: [TopicPartition]) {
        membership = .revoking
        callback = .revoked(list)
        worker.wake()
    }

    private func beat() {
        worker.deliver(in: world.shape.sessionTimeout / 4, "heartbeat") { [self] in
            guard !isClosed else { return }
            defer { beat() }
            guard let id, membership != .joining, membership != .idle else { return }
            guard !worker.isCut else {
                if world.now - heardAt > world.shape.sessionTimeout { forgotten() }
                return
            }
            heardAt = world.now
            switch world.group.heartbeat(id) {
            case .fine: break
            case .unknown: forgotten()
            case .rebalancing:
                guard membership == .steady else { return }
                if isCooperative || owned.isEmpty { join() } else { take(owned) }
            }
        }
    }

    /// The group does not know this member any more: what it had may be somebody else's already.
    private func forgotten() {
        switch membership {
        case .steady, .joining:
            id = nil
            guard !owned.isEmpty else { return join() }
            isLost = true
            take(owned)
        case .revoking:
            id = nil
            isLost = true
        // Told again by the next heartbeat, once there is an answer.
        case .unanswered, .idle: break
        }
    }
}
