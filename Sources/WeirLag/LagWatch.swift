// The windows of all partitions of all groups: takes rounds, gives reports.

internal import WeirKafka

public struct LagWatch: Sendable {
    private let rules: LagRules
    private var windows: [String: [TopicPartition: LagWindow]] = [:]

    public init(rules: LagRules) { self.rules = rules }

    /// Groups and partitions that a round no longer mentions are forgotten, unless it says that it may have missed some.
    public mutating func take(_ round: LagRound) -> LagReport {
        var groups: [LagReport.Group] = []
        for (name, group) in round.groups {
            let before = windows[name] ?? [:]
            windows[name] = update(before, group, round.failure)
            groups.append(report(name, group, round))
        }
        if let failure = round.failure {
            for (name, before) in windows where round.groups[name] == nil {
                var unseen = LagRound.Group()
                unseen.failure = failure
                windows[name] = update(before, unseen, failure)
                groups.append(report(name, unseen, round))
            }
        } else {
            windows = windows.filter { round.groups[$0.key] != nil }
        }
        groups.sort { ($1.verdict.state, $1.age ?? 0, $0.name) < ($0.verdict.state, $0.age ?? 0, $1.name) }
        return LagReport(time: round.time, groups: groups, failure: round.failure)
    }

    private func update(
        _ before: [TopicPartition: LagWindow], _ group: LagRound.Group, _ missing: String?
    ) -> [TopicPartition: LagWindow] {
        var after: [TopicPartition: LagWindow] = [:]
        if let failure = group.failure {
            after = before
            for partition in after.keys { after[partition]?.fail(failure) }
            return after
        }
        for (partition, observation) in group.observations {
            after[partition] = before[partition] ?? LagWindow(span: rules.span)
            after[partition]?.add(observation)
        }
        for (partition, failure) in group.failures {
            after[partition] = before[partition] ?? LagWindow(span: rules.span)
            after[partition]?.fail(failure)
        }
        return after
    }

    private func report(_ name: String, _ group: LagRound.Group, _ round: LagRound) -> LagReport.Group {
        var partitions: [LagReport.Partition] = []
        for (partition, window) in windows[name] ?? [:] {
            let seen = window.failure == nil ? window.latest : nil
            partitions.append(
                LagReport.Partition(
                    partition: partition, verdict: rules.judge(window), seen: seen,
                    age: seen.flatMap { Self.age($0, at: round.time) }))
        }
        partitions.sort {
            ($1.verdict.state, $1.age ?? 0, $1.lag ?? 0, $0.partition)
                < ($0.verdict.state, $0.age ?? 0, $0.lag ?? 0, $1.partition)
        }
        return LagReport.Group(
            name: name, verdict: verdict(group, partitions), members: group.members, partitions: partitions)
    }

    private func verdict(_ group: LagRound.Group, _ partitions: [LagReport.Partition]) -> LagVerdict {
        if let failure = group.failure { return LagVerdict(.unknown, failure) }
        guard let worst = partitions.first else {
            return LagVerdict(.noData, "it has committed nothing and holds no partition")
        }
        return LagVerdict(worst.verdict.state, isProvisional: worst.verdict.isProvisional)
    }

    private static func age(_ seen: Observation, at time: Int64) -> Int64? {
        guard seen.committed != nil else { return seen.lag }
        if seen.isCaughtUp { return 0 }
        guard case .record(_, let timestamp?) = seen.next else { return nil }
        return time - timestamp * 1000
    }
}
