// What a load costs: CPU, memory and switches of each kind of process, and PostgreSQL's own statistics.

import Foundation
import WeirBench
import WeirPostgres

/// Looks once a second, so that a process that ends meanwhile is missed for a second at the most.
final class ResourceWatch {
    private typealias Sample = ProcessTable.Sample

    private struct Commits {
        var count: Int64 = 0
        var micros: Int64 = 0
    }

    private struct Kind {
        /// Process → first and last sample.
        var seen: [Int32: (first: Sample, last: Sample)] = [:]
        var residentMiB = 0.0
        var residentNow = 0.0
    }

    private let field: Field
    private let crew: () -> Crew?
    private let database: FieldDatabase
    private var kinds: [String: Kind] = [:]
    /// Worker process → what it had committed at first and at last.
    private var commits: [Int32: (first: Commits, last: Commits)] = [:]
    private var brokerFirst = Sample()
    private var statistics: Statistics?
    private var nextLook = 0.0
    private var settledBefore = 0
    private var watchers: Set<Int32> = []
    private(set) var hasBegun = false
    /// Pairs of seconds and MiB of all workers.
    private(set) var resident: [[Double]] = []

    /// - Parameter crew: the workers, once there are any.
    init(_ field: Field, _ crew: @escaping () -> Crew?) throws {
        self.field = field
        self.crew = crew
        database = try field.openDatabase()
        // A server that stands still is not waited for: its figures are left out.
        database.connection.longestWait = 10
    }

    /// - Parameter settled: records done so far.
    func begin(settled: Int) {
        hasBegun = true
        settledBefore = settled
        watchers = (try? database.ownSessions()) ?? []
        statistics = try? Statistics(database.connection)
        brokerFirst = ProcessTable.ownThreads(named: Self.brokerThread)
        look(isFirst: true)
    }

    func tick(_ seconds: Double) {
        guard hasBegun, seconds >= nextLook else { return }
        nextLook = seconds + 1
        look(isFirst: false)
        resident.append([seconds.rounded(to: 1), (kinds["weir"]?.residentNow ?? 0).rounded(to: 2)])
    }

    /// What librdkafka calls its mock cluster's thread.
    private static let brokerThread = "rdk:mock"
    private static let order = ["weir", "PostgreSQL", "broker", "bench"]

    private func look(isFirst: Bool) {
        let workers = crew()?.workers ?? []
        add("weir", workers.map(\.processID), isFirst)
        for worker in workers {
            guard let report = worker.report else { continue }
            let now = Commits(count: report.commits, micros: report.commitMicros)
            commits[worker.processID] = (commits[worker.processID]?.first ?? (isFirst ? now : Commits()), now)
        }
        if let postmaster = field.servers.postmaster {
            let processes = [postmaster] + ProcessTable.children(of: postmaster)
            add("PostgreSQL", processes.filter { !watchers.contains($0) }, isFirst, isForked: true)
        }
        add("bench", [getpid()], isFirst)
    }

    /// - Parameter isForked: the processes share their memory, which counts once.
    private func add(_ name: String, _ processes: [Int32], _ isFirst: Bool, isForked: Bool = false) {
        var kind = kinds[name] ?? Kind()
        var resident = 0.0
        var shared = 0.0
        for process in processes {
            guard let sample = ProcessTable.sample(process) else { continue }
            resident += sample.residentMiB - (isForked ? sample.sharedMiB : 0)
            shared = max(shared, isForked ? sample.sharedMiB : 0)
            // One that was not there at the beginning is counted from its own.
            kind.seen[process] = (kind.seen[process]?.first ?? (isFirst ? sample : Sample()), sample)
        }
        kind.residentNow = resident + shared
        kind.residentMiB = max(kind.residentNow, kind.residentMiB)
        kinds[name] = kind
    }

    func end(settled: Int) -> (events: Int, processes: [ProcessResult], database: DatabaseResult?) {
        look(isFirst: false)
        let events = settled - settledBefore
        var sums: [String: (sample: Sample, residentMiB: Double)] = [:]
        for (name, kind) in kinds {
            var sum = Sample()
            for (first, last) in kind.seen.values { sum.add(last, without: first) }
            sums[name] = (sum, kind.residentMiB)
        }
        if field.servers.cluster != nil {
            // The mock broker is a thread of this process: what it takes is its own.
            var broker = Sample()
            broker.add(ProcessTable.ownThreads(named: Self.brokerThread), without: brokerFirst)
            sums["broker"] = (broker, 0)
            sums["bench"]?.sample.add(Sample(), without: broker)
        }
        let processes = Self.order.compactMap { name in
            sums[name].map { sum in
                ProcessResult(
                    name: name, cpuSeconds: sum.sample.cpu, residentMiB: sum.residentMiB,
                    voluntary: sum.sample.voluntary, involuntary: sum.sample.involuntary, events: events)
            }
        }
        let after = try? Statistics(database.connection)
        let committed = commits.values.reduce(into: Commits()) { sum, worker in
            sum.count += worker.last.count - worker.first.count
            sum.micros += worker.last.micros - worker.first.micros
        }
        let result = zip(statistics, after).map { first, last in
            DatabaseResult(
                commits: Int(committed.count), commitSeconds: Double(committed.micros) / 1e6,
                rowsWritten: Int(last.rows - first.rows),
                walBytesPerEvent: Double(last.wal - first.wal) / Double(max(1, events)))
        }
        return (events, processes, result)
    }

    private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
        guard let a, let b else { return nil }
        return (a, b)
    }
}

extension ProcessTable.Sample {
    fileprivate mutating func add(_ last: Self, without first: Self) {
        cpu += last.cpu - first.cpu
        voluntary += last.voluntary - first.voluntary
        involuntary += last.involuntary - first.involuntary
    }
}

/// PostgreSQL's counters at one moment.
private struct Statistics {
    let rows: Int64
    /// Bytes.
    let wal: Int64

    init(_ connection: PostgresConnection) throws {
        let result = try connection.query(
            """
            SELECT tup_inserted + tup_updated + tup_deleted,
                (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8
            FROM pg_stat_database WHERE datname = current_database()
            """)
        rows = result.int64(0, 0)
        wal = result.int64(0, 1)
    }
}
