// One run of a scenario with everything that was measured beside the load.

/// A fault as it happened.
public struct FaultMark: Codable, Sendable {
    /// Seconds from the start of the warm-up.
    public var at: Double
    public var until: Double
    public var words: String

    public init(at: Double, until: Double, words: String) {
        self.at = at
        self.until = until
        self.words = words
    }
}

/// What the processes of one kind took while the load counted, until its last record was done.
public struct ProcessResult: Codable, Sendable {
    public var name: String
    /// User and system time.
    public var cpuSeconds: Double
    public var cpuMicrosPerEvent: Double
    /// Of those that were there at once, at the most.
    public var residentMiB: Double
    public var switchesPerEvent: Double
    /// Of those, the ones that it did not ask for.
    public var preemptionsPerEvent: Double

    public init(
        name: String, cpuSeconds: Double, residentMiB: Double, voluntary: Int, involuntary: Int, events: Int
    ) {
        let events = Double(max(1, events))
        self.name = name
        self.cpuSeconds = cpuSeconds.rounded(to: 3)
        cpuMicrosPerEvent = (cpuSeconds * 1e6 / events).rounded(to: 3)
        self.residentMiB = residentMiB.rounded(to: 1)
        switchesPerEvent = (Double(voluntary + involuntary) / events).rounded(to: 4)
        preemptionsPerEvent = (Double(involuntary) / events).rounded(to: 4)
    }
}

/// What PostgreSQL counted in its statistics meanwhile, and how long the workers waited for it.
///
/// Its `active_time` is left out: with statements sent ahead, in a pipeline, it was a tenth of the CPU time (PostgreSQL 15).
public struct DatabaseResult: Codable, Sendable {
    /// The workers' batches that were committed, and how many milliseconds one took; nil in older reports.
    public var commits: Int?
    public var meanCommitMs: Double?
    public var rowsWritten: Int
    /// Write-ahead log.
    public var walBytesPerEvent: Double

    public init(commits: Int, commitSeconds: Double, rowsWritten: Int, walBytesPerEvent: Double) {
        self.commits = commits
        meanCommitMs = commits > 0 ? (commitSeconds * 1000 / Double(commits)).rounded(to: 2) : nil
        self.rowsWritten = rowsWritten
        self.walBytesPerEvent = walBytesPerEvent.rounded(to: 1)
    }
}

public struct RunResult: Codable, Sendable {
    /// Tells it from the other runs of its report.
    public var label: String
    public var scenario: String
    public var load: LoadMeasurement
    public var visible: LagResult?
    /// Records done while processes were watched.
    public var events: Int
    /// What was made for it, the warm-up included; nil in older reports.
    public var mix: Expectation.Counts?
    public var processes: [ProcessResult]
    public var database: DatabaseResult?
    /// Of all workers: pairs of seconds since the start and MiB.
    public var residentMiB: [[Double]]
    public var faults: [FaultMark]
    /// Milliseconds; nil if nobody set one.
    public var objectiveP99: Double?
    /// Why the figures must not be used.
    public var refusal: String?
    /// Results that are not what the events demand; empty if all are, nil if nobody could know.
    public var wrong: [String]?
    /// Workers that ended though nobody had told them to; nil in older reports.
    public var crashes: [String]?

    public init(
        label: String, scenario: String, load: LoadMeasurement, visible: LagResult? = nil, events: Int = 0,
        mix: Expectation.Counts? = nil, processes: [ProcessResult] = [], database: DatabaseResult? = nil,
        residentMiB: [[Double]] = [],
        faults: [FaultMark] = [],
        objectiveP99: Double?, wrong: [String]? = nil, crashes: [String] = []
    ) {
        self.label = label
        self.scenario = scenario
        self.load = load
        self.visible = visible
        self.events = events
        self.mix = mix
        self.processes = processes
        self.database = database
        self.residentMiB = residentMiB
        self.faults = faults
        self.objectiveP99 = objectiveP99
        self.wrong = wrong
        self.crashes = crashes
        refusal = crashes.isEmpty ? load.refusal : crashes.joined(separator: "; ")
    }

    public var isWithinObjective: Bool { load.durable.p99.map { $0 <= objectiveP99 ?? .infinity } ?? false }

    /// Microseconds of CPU an event of the processes with that name.
    public func cpu(_ name: String) -> Double? { processes.first { $0.name == name }?.cpuMicrosPerEvent }
}
