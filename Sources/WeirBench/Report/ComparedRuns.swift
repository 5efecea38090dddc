// The runs of two things, side by side: what each measure shows, also where one of them never finished.

/// One measure of pairs of runs. Nil is never: so many records failed that the percentile is one of them.
public struct ComparedMeasure: Sendable {
    public var name: String
    public var a: [Double?]
    public var b: [Double?]

    public init(_ name: String, a: [Double?], b: [Double?]) {
        self.name = name
        self.a = a
        self.b = b
    }

    /// Nil if a run of either has no value: infinity has no ratio.
    public var comparison: Comparison? {
        let (values, others) = (a.compactMap(\.self), b.compactMap(\.self))
        guard values.count == a.count, others.count == b.count else { return nil }
        return Comparison(name, a: values, b: others)
    }

    /// What a measure that is never reached in some runs comes to. Only what all runs of one side reach and none of the
    /// other is a difference.
    private var neverOutcome: String {
        switch (a.count { $0 == nil }, b.count { $0 == nil }) {
        case (0, b.count): "B is worse: never in all of its runs"
        case (a.count, 0): "A is worse: never in all of its runs"
        case (let inA, let inB):
            "nothing is concluded: never in \(inA) of A's \(a.count) runs, \(inB) of B's \(b.count)"
        }
    }

    public var sentence: String { comparison?.sentence ?? "\(name): \(neverOutcome)." }

    /// Outcome, ratio, its interval, least and most of the pairs; empty where there is no ratio.
    var row: [String] {
        guard let comparison else { return [name, neverOutcome, "", "", "", "", ""] }
        let numbers = [comparison.ratio, comparison.low, comparison.high, comparison.least, comparison.most]
        return [name, comparison.outcome.rawValue] + numbers.map { "\($0.rounded(to: 3))" }
    }
}

/// Runs of A and B, the pairs in order.
public struct ComparedRuns: Sendable {
    public var a: [RunResult]
    public var b: [RunResult]

    public init(a: [RunResult] = [], b: [RunResult] = []) {
        self.a = a
        self.b = b
    }

    /// What was not measured at all (PostgreSQL's CPU, of somebody's own server) is left out.
    public var measures: [ComparedMeasure] {
        let cost: [(String, (RunResult) -> Double?)] = [
            ("Weir's CPU an event", { $0.cpu("weir") }), ("PostgreSQL's CPU an event", { $0.cpu("PostgreSQL") }),
            ("throughput", { $0.load.throughput }),
        ]
        let lags: [(String, (RunResult) -> Double?)] = [
            ("p50 of the lag", { $0.load.durable.p50 }), ("p99 of the lag", { $0.load.durable.p99 }),
            ("p99.9 of the lag", { $0.load.durable.p999 }),
        ]
        return lags.map { ComparedMeasure($0.0, a: a.map($0.1), b: b.map($0.1)) }
            + cost.map { ComparedMeasure($0.0, a: a.map($0.1), b: b.map($0.1)) }.filter { $0.comparison != nil }
    }

    /// What they show; failures first, since all that follows is of the records that were done.
    public var sentences: [String] {
        func failures(_ runs: [RunResult]) -> String {
            let failed = runs.reduce(0) { $0 + $1.load.durable.failures }
            return "\(failed) of \(runs.reduce(0) { $0 + $1.load.durable.failures + $1.load.durable.recorded })"
        }
        let hasFailures = (a + b).contains { $0.load.durable.failures > 0 }
        let first =
            "Never done: \(failures(a)) records of A, \(failures(b)) of B. CPU is that of an event that was done."
        return (hasFailures ? [first] : []) + measures.map(\.sentence)
    }

    public var table: BenchReport.Table {
        BenchReport.Table(
            "B / A", columns: ["measure", "outcome", "ratio", "95 % from", "to", "least pair", "most"],
            rows: measures.map(\.row),
            note:
                "Geometric mean over the pairs; the interval is Student's t for the mean of the logarithms. One measure in "
                + "twenty differs by chance.")
    }
}
