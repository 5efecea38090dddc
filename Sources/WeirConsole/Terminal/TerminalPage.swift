// The console as text: what `weir top` shows.

/// A screen is a value of the document and of its size: the same in a terminal, in a pipe and in a test.
package struct TerminalPage: Sendable {
    /// A process that does not answer.
    package struct Silence: Sendable {
        /// Seconds since 1970.
        let since: Double
        let problem: String

        package init(since: Double, problem: String) {
            self.since = since
            self.problem = problem
        }
    }

    let document: StatusDocument
    let address: String
    let silence: Silence?
    /// Of the reader's time zone, in seconds.
    let offset: Int

    /// - Parameter silence: since the document came; nil while the process answers.
    package init(_ document: StatusDocument, from address: String, silence: Silence?, offset: Int) {
        self.document = document
        self.address = address
        self.silence = silence
        self.offset = offset
    }

    /// - Parameters:
    ///   - width: of the screen; nil where there is no end to it.
    ///   - height: likewise.
    package func lines(width: Int?, height: Int?) -> [TerminalLine] {
        let alerts = alerts.map { line in width.map { line.cut(to: $0) } ?? line }
        var body = [width.map { title.cut(to: $0) } ?? title]
        let overview = document.topologies.isEmpty ? [] : [TerminalLine("")] + self.overview.lines(width: width)
        let sections = document.topologies.flatMap { self.sections(of: $0) }
        guard let height else {
            body += overview + sections.flatMap { $0.lines(rows: $0.count, width: width) }
            return combine(body, alerts)
        }
        let room = height - body.count - alerts.count - overview.count
        var rows = TerminalSection.share(room, among: sections)
        // The line that says what is missing needs room of its own.
        if rows.contains(nil) { rows = TerminalSection.share(room - 1, among: sections) }
        body += overview
        for (section, number) in zip(sections, rows) {
            if let number { body += section.lines(rows: number, width: width) }
        }
        let missing = rows.count { $0 == nil }
        if missing > 0, room > 0 {
            let words = TerminalLine("… \(missing) more parts; a taller screen shows them, or --once", .soft)
            body.append(width.map { words.cut(to: $0) } ?? words)
        }
        return Array(combine(body, alerts).prefix(height))
    }

    /// Alerts stand below the title; what is old is faded, and they are not.
    private func combine(_ body: [TerminalLine], _ alerts: [TerminalLine]) -> [TerminalLine] {
        let body = silence == nil ? body : body.map(\.faded)
        return body.prefix(1) + alerts + body.dropFirst()
    }

    private var title: TerminalLine {
        TerminalLine([
            .init("Weir \(document.weir)", .strong),
            .init(
                " on \(document.host), process \(document.process), \(document.state), at "
                    + "\(TerminalWords.clock(document.time, offset: offset))"), .init("  \(address)", .soft),
        ])
    }

    // MARK: What is wrong

    private var alerts: [TerminalLine] {
        var lines: [TerminalLine] = []
        if let silence {
            lines.append(
                TerminalLine(
                    "No answer since \(TerminalWords.clock(silence.since, offset: offset)): \(silence.problem). "
                        + "What is below is old.", .bad))
        }
        switch document.state {
        case "starting": lines.append(TerminalLine("Starting: \(document.waitingFor ?? TerminalWords.none).", .warn))
        case "draining":
            lines.append(TerminalLine("Told to stop: it commits what it has read, and leaves.", .warn))
        default: break
        }
        if document.topologies.isEmpty {
            lines.append(TerminalLine("No topology runs yet: nothing is known of lag, rates or partitions."))
        }
        for topology in document.topologies {
            if let failure = topology.failure {
                lines.append(TerminalLine("\(topology.name) has ended: \(failure)", .bad))
            }
            if let words = failing(topology) { lines.append(TerminalLine(words, .bad)) }
            for rule in topology.objective.firing {
                lines.append(
                    TerminalLine(
                        "\(topology.name) burns its budget over \(rule.factor) times too fast, over \(rule.long) and "
                            + "\(rule.short): \(rule.urgency).", .bad))
            }
            lines += troubles(topology).map { TerminalLine("\(topology.name): PostgreSQL: \($0)", .warn) }
            lines += scope(topology)
        }
        return lines
    }

    /// Workers for which PostgreSQL does not do what they want of it.
    private func failing(_ topology: StatusDocument.TopologyPart) -> String? {
        guard let failing = topology.commits?.failing, let first = failing.first else { return nil }
        let attempts = failing.reduce(0) { $0 + $1.attempts }
        let since = TerminalWords.clock(failing.map(\.since).min(), offset: offset)
        let who = failing.count == 1 ? first.worker : "\(failing.count) workers"
        let what =
            switch attempts {
            case 0: "wait for an answer"
            case 1: "fail, once so far"
            default: "fail, \(TerminalWords.count(attempts)) times so far"
            }
        return "\(topology.name): since \(since) commits of \(who) \(what): \(first.problem)"
    }

    /// What most figures are not about: partitions of other processes.
    private func scope(_ topology: StatusDocument.TopologyPart) -> [TerminalLine] {
        let here = topology.partitions.list.count(where: \.here)
        let standing = topology.partitions.list.filter { $0.standsSeconds != nil }
        var lines: [TerminalLine] = []
        if !standing.isEmpty {
            let owners = Set(standing.map(\.owner)).sorted().joined(separator: ", ")
            let longest = TerminalWords.span(standing.compactMap(\.standsSeconds).max())
            lines.append(
                TerminalLine(
                    "\(topology.name): \(standing.count) of other processes' partitions stand still though records came, "
                        + "for up to \(longest): \(owners).", .warn))
        }
        let count = topology.partitions.count
        if here < count {
            let words =
                here == 0
                ? "this process holds none of \(count) partitions."
                : "rates, lag and budget are of \(here) of \(count) partitions, those of this process."
            lines.append(TerminalLine("\(topology.name): \(words)", .soft))
        }
        return lines
    }

    /// Each trouble once, though it met several questions.
    private func troubles(_ topology: StatusDocument.TopologyPart) -> [String] {
        let answers = [
            (topology.partitionsOfOthers.problem, topology.partitionsOfOthers.seenAt),
            (topology.deadLetters.problem, topology.deadLetters.seenAt),
            (topology.usage.problem, topology.usage.seenAt),
            (topology.databaseProblem, topology.database?.seenAt),
        ].filter { $0.0 != nil }
        var seen: Set<String> = []
        return answers.compactMap { problem, seenAt in
            guard let problem, seen.insert(problem).inserted else { return nil }
            let isSaid = topology.commits?.failing.contains { $0.problem.contains(problem) } == true
            let words = isSaid ? "no answer to the console either" : problem
            let rest = seenAt.map { "what is shown is from \(TerminalWords.clock($0, offset: offset))" } ?? "no data"
            return "\(words); \(rest)."
        }
    }
}
