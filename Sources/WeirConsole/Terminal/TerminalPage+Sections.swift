// Partitions, dead letters and busiest organisations of one topology.

extension TerminalPage {
    typealias Cell = TerminalTable.Cell

    func sections(of topology: StatusDocument.TopologyPart) -> [TerminalSection] {
        [partitions(topology), deadLetters(topology), usage(topology)]
    }

    // MARK: Partitions

    private func partitions(_ topology: StatusDocument.TopologyPart) -> TerminalSection {
        let list = topology.partitions.list
        let title = "Partitions of \(topology.name)"
        guard !list.isEmpty else {
            return TerminalSection(title, saying: "this process holds none, and none is known of elsewhere")
        }
        let here = list.count(where: \.here)
        // Furthest behind first; those of other processes, of which that is not known, last.
        let worst = list.indices.sorted { urgency(list[$0]) > urgency(list[$1]) }
        return TerminalSection(
            title: "\(title): \(here) of \(topology.partitions.count) held here",
            columns: [
                .init("topic", .left), .init("#", .right), .init("state", .left), .init("behind", .right),
                .init("oldest", .right), .init("committed", .right, rank: 2), .init("parked", .right, rank: 4),
                .init("keys", .right, rank: 3), .init("epoch", .right, rank: 5), .init("owner", .left, rank: 1),
            ], count: list.count,
            rows: { number in
                worst.prefix(number).sorted().map { row(list[$0], topology) }
            }, choice: "the # furthest behind")
    }

    private func urgency(_ partition: StatusDocument.Partition) -> (Double, Int64) {
        (partition.oldestSeconds ?? partition.standsSeconds ?? -1, partition.here ? partition.behind ?? -1 : -1)
    }

    private func row(_ partition: StatusDocument.Partition, _ topology: StatusDocument.TopologyPart) -> [Cell] {
        let line = topology.objective.lineSeconds
        let parked = partition.waitingForQuota.map { $0 + (partition.waitingForSchema ?? 0) }
        return [
            .init(partition.topic), .init("\(partition.partition)"), state(partition, topology),
            .init(TerminalWords.count(partition.behind)),
            .init(
                TerminalWords.span(partition.oldestSeconds),
                partition.oldestSeconds.map { $0 > line } == true ? .bad : .plain),
            .init(TerminalWords.count(partition.committed)), .init(TerminalWords.count(parked)),
            .init(TerminalWords.count(partition.keys)), .init(TerminalWords.count(partition.epoch)),
            .init(partition.owner, .soft),
        ]
    }

    private func state(_ partition: StatusDocument.Partition, _ topology: StatusDocument.TopologyPart) -> Cell {
        guard partition.here else {
            if partition.oldestSeconds != nil { return .init("let go", .warn) }
            guard let time = partition.standsSeconds else { return .init("elsewhere", .soft) }
            return .init("stands \(TerminalWords.span(time))", .warn)
        }
        let state = partition.state ?? TerminalWords.none
        switch state {
        // Where PostgreSQL does not answer nobody knows whether the next commit will fail.
        case "running":
            let isAway = topology.partitionsOfOthers.problem != nil || topology.databaseProblem != nil
            return .init(state, isAway ? .soft : .good)
        case "failing": return .init("commits fail", .bad)
        default: return .init(state, state == "stopped" ? .bad : .warn)
        }
    }

    // MARK: Dead letters

    private func deadLetters(_ topology: StatusDocument.TopologyPart) -> TerminalSection {
        let title = "Dead letters of \(topology.name)"
        let stored = topology.deadLetters.value?.reasons ?? []
        let since = topology.reasons.filter { reason in !stored.contains { $0.reason == reason.reason } }
        let reasons = stored.map(\.reason) + since.map(\.reason)
        guard !reasons.isEmpty else {
            return TerminalSection(
                title, saying: waits(topology.deadLetters) ?? "none, every record could be metered")
        }
        let isKnown = topology.deadLetters.value != nil
        return TerminalSection(
            title: title,
            columns: [
                .init("reason", .left), .init("since the start", .right), .init("open", .right, rank: 1),
                .init("in quarantine", .right, rank: 2),
            ], count: reasons.count,
            rows: { number in
                reasons.prefix(number).map { reason in
                    let entry = stored.first { $0.reason == reason }
                    let records = topology.reasons.first { $0.reason == reason }?.records ?? 0
                    return [
                        .init(reason), .init(TerminalWords.count(records)),
                        .init(TerminalWords.count(isKnown ? entry?.waiting ?? 0 : nil)),
                        .init(TerminalWords.count(isKnown ? entry?.quarantined ?? 0 : nil)),
                    ]
                }
            }, choice: "# of \(reasons.count) reasons")
    }

    // MARK: Usage

    private func usage(_ topology: StatusDocument.TopologyPart) -> TerminalSection {
        let title = "Busiest organisations of \(topology.name)"
        guard let usage = topology.usage.value, !usage.organisations.isEmpty else {
            let hours = topology.usage.value?.hours ?? 0
            return TerminalSection(
                title, saying: waits(topology.usage) ?? "no window of the last \(hours) hours has usage")
        }
        let columns: [TerminalTable.Column] = [.init("organisation", .left), .init("events", .right)]
        return TerminalSection(
            title: "\(title), last \(usage.hours) hours",
            columns: columns + usage.meters.enumerated().map { .init($1, .right, rank: $0 + 1) },
            count: usage.organisations.count,
            rows: { number in
                usage.organisations.prefix(number).map { organisation in
                    [.init(organisation.id), .init(TerminalWords.count(organisation.events))]
                        + usage.meters.map { .init(TerminalWords.quantity(organisation.meters[$0])) }
                }
            }, choice: "the first #")
    }

    /// Nil if PostgreSQL has answered.
    private func waits(_ answer: StatusDocument.Answer<some Codable & Equatable & Sendable>) -> String? {
        guard answer.value == nil else { return nil }
        return answer.problem == nil ? "PostgreSQL is being asked" : "no data"
    }
}
