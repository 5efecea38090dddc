// The group's coordinator: members come, go, expire; generations are made of those who join in time.

import WeirKafka

final class SimGroup {
    private struct Member {
        let consumer: SimConsumer
        var heartbeatAt: Int64
        var hasJoined = true
        var owned: [TopicPartition]
    }

    enum Reply { case fine, rebalancing, unknown }

    private unowned let world: World
    private var members: [Int: Member] = [:]
    private var isRebalancing = false
    private var rebalances = 0
    private var lastID = 0

    init(world: World) { self.world = world }

    var words: String {
        let list = members.sorted { $0.key < $1.key }.map { id, member in
            "\(id) (worker \(member.consumer.worker.index)\(member.hasJoined ? "" : ", not joined"))"
        }
        return "group \(isRebalancing ? "rebalances" : "is stable"), members \(list.joined(separator: ", "))"
    }

    func holds(_ id: Int?) -> Bool { id.map { members[$0] != nil } ?? false }

    /// - Returns: the member's id, new if it had none; nil if the group does not know it any more.
    func join(_ consumer: SimConsumer, id: Int?, owned: [TopicPartition]) -> Int? {
        if let id, members[id] == nil { return nil }
        let member: Int
        if let id {
            member = id
        } else {
            lastID += 1
            member = lastID
        }
        if !isRebalancing { rebalance(because: "member \(member) joins") }
        members[member] = Member(consumer: consumer, heartbeatAt: world.now, owned: owned)
        watch(member)
        completeIfReady()
        return member
    }

    func heartbeat(_ id: Int) -> Reply {
        guard let member = members[id] else { return .unknown }
        members[id]?.heartbeatAt = world.now
        return isRebalancing && !member.hasJoined ? .rebalancing : .fine
    }

    func leave(_ id: Int) {
        guard members.removeValue(forKey: id) != nil else { return }
        if isRebalancing { completeIfReady() } else { rebalance(because: "member \(id) left") }
    }

    func rebalance(because words: String) {
        guard !isRebalancing else { return }
        world.log("the group rebalances: \(words)")
        world.note(.rebalance)
        isRebalancing = true
        rebalances += 1
        for id in members.keys { members[id]?.hasJoined = false }
        let number = rebalances
        world.schedule(in: world.shape.rebalanceTimeout, "rebalance deadline") { [self] in
            guard isRebalancing, rebalances == number else { return }
            for id in members.keys.sorted() where members[id]?.hasJoined == false {
                world.note(.memberLate)
                world.log("member \(id) did not join in time")
                members[id] = nil
            }
            complete()
        }
    }

    private func watch(_ id: Int) {
        world.schedule(in: world.shape.sessionTimeout, "session?") { [self] in
            guard let member = members[id] else { return }
            let waits = isRebalancing && member.hasJoined
            guard !waits, world.now - member.heartbeatAt >= world.shape.sessionTimeout else { return watch(id) }
            world.note(.memberExpired)
            world.log("member \(id) of worker \(member.consumer.worker.index) expired")
            leave(id)
        }
    }

    private func completeIfReady() {
        guard isRebalancing, members.values.allSatisfy(\.hasJoined) else { return }
        let number = rebalances
        world.schedule(in: world.dice.number(0...world.shape.joinDelay), "group complete?") { [self] in
            guard isRebalancing, rebalances == number, members.values.allSatisfy(\.hasJoined) else { return }
            complete()
        }
    }

    private func complete() {
        isRebalancing = false
        let targets = world.shape.isCooperative ? stickyTargets() : eagerTargets()
        for id in members.keys.sorted() {
            members[id]?.heartbeatAt = world.now
            members[id]?.consumer.synced(targets[id]?.sorted() ?? [], member: id)
        }
    }

    private func eagerTargets() -> [Int: [TopicPartition]] {
        let ids = members.keys.sorted()
        guard !ids.isEmpty else { return [:] }
        var targets: [Int: [TopicPartition]] = [:]
        let turn = world.dice.below(ids.count)
        for (number, partition) in world.broker.ids.shuffled(using: &world.dice).enumerated() {
            targets[ids[(number + turn) % ids.count], default: []].append(partition)
        }
        return targets
    }

    /// What moves is first only taken away; when its owner has joined again, it is given.
    private func stickyTargets() -> [Int: [TopicPartition]] {
        let ids = members.keys.sorted()
        guard !ids.isEmpty else { return [:] }
        let partitions = world.broker.ids
        let quota = (partitions.count + ids.count - 1) / ids.count
        var targets: [Int: [TopicPartition]] = [:]
        var free = Set(partitions)
        for id in ids {
            for partition in members[id]?.owned ?? [] where free.remove(partition) != nil {
                let moves = !world.isHealed && world.dice.chance(0.15)
                if targets[id, default: []].count < quota, !moves { targets[id, default: []].append(partition) }
            }
        }
        for partition in free.sorted() {
            let open = ids.filter { targets[$0, default: []].count < quota }
            targets[world.dice.pick(open.isEmpty ? ids : open), default: []].append(partition)
        }
        return targets
    }
}
