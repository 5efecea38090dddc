// A line for each topology: how fast, how late, what is left of its budget.

extension TerminalPage {
    var overview: TerminalTable {
        TerminalTable(
            [
                .init("topology", .left), .init("records", .right, rank: 2), .init("p50", .right, rank: 5),
                .init("p99", .right), .init("oldest", .right), .init("objective", .left, rank: 6),
                .init("budget left", .left, rank: 1), .init("dead letters", .right, rank: 3),
                .init("outbox", .right, rank: 4),
            ], document.topologies.map(row))
    }

    private func row(_ topology: StatusDocument.TopologyPart) -> [TerminalTable.Cell] {
        let line = topology.objective.lineSeconds
        let last = topology.history.points.last
        func late(_ seconds: Double?) -> TerminalLine.Style { seconds.map { $0 > line } == true ? .bad : .plain }
        return [
            .init(topology.name, .strong), .init(TerminalWords.rate(topology.graph.recordsPerSecond)),
            .init(TerminalWords.span(last?.p50)), .init(TerminalWords.span(last?.p99), late(last?.p99)),
            .init(TerminalWords.span(topology.oldestSeconds), late(topology.oldestSeconds)),
            .init(topology.objective.text, .soft), budget(topology),
            .init(
                TerminalWords.count(topology.counts.deadLetters), topology.counts.deadLetters > 0 ? .warn : .plain),
            .init(
                TerminalWords.count(topology.outbox.messages),
                topology.outbox.seconds.map { $0 > 30 } == true ? .warn : .plain),
        ]
    }

    /// Of the objective's time, or of what the process has seen of it. Records that wait are not in it yet: while one is
    /// late already, nothing about it is good.
    private func budget(_ topology: StatusDocument.TopologyPart) -> TerminalTable.Cell {
        let objective = topology.objective
        let known = objective.budgetLeft.map { ($0, objective.overSeconds) }
        let since = objective.sinceStart.flatMap { since in since.budgetLeft.map { ($0, since.seconds) } }
        guard let (left, time) = known ?? since else { return .init(TerminalWords.none) }
        let words = left < 0 ? "none" : TerminalWords.percent(left)
        let isLate = topology.oldestSeconds.map { $0 > objective.lineSeconds } == true
        return .init(
            "\(words) of \(TerminalWords.span(time))", left < 0 ? .bad : left < 0.25 || isLate ? .warn : .good)
    }
}
