// What a load costs: CPU, memory and switches of each kind of process, and PostgreSQL's own statistics.

import Foundation
import WeirBench
import WeirPostgres

/// Looks once a second, so that a process that ends meanwhile is missed for a second at the most.
final class ResourceWatch {
    private typealias Sample = ProcessTable.Sample

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
        add("weir", crew()?.workers.map(\.processID) ?? [], isFirst)
        if let postmaster = field.servers.postmaster {
            let processes = [postmaster] + ProcessTable.children(of: postmaster)
            add("PostgreSQL", processes.filter { !watchers.contains($0) }, isFirst)
        }
        add("bench", [getpid()], isFirst)
    }

    private func add(_ name: String, _ processes: [Int32], _ isFirst: Bool) {
        var kind = kinds[name] ?? Kind()
        var resident = 0.0
        for process in processes {
            guard let sample = ProcessTable.sample(process) else { continue }
            resident += sample.residentMiB
            // One that was not there at the beginning is counted from its own.
            kind.seen[process] = (kind.seen[process]?.first ?? (isFirst ? sample : Sample()), sample)
        }
        kind.residentNow = resident
        kind.residentMiB = max(resident, kind.residentMiB)
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
        return (events, processes, zip(statistics, after).map { $1.result(since: $0, events: events) })
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
    private let activeMs: Double?
    private let transactions: Int64
    private let rows: Int64
    private let wal: Int64

    init(_ connection: PostgresConnection) throws {
        let result = try connection.query(
            """
            SELECT xact_commit, tup_inserted + tup_updated + tup_deleted,
                (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8,
                round((to_jsonb(d) ->> 'active_time')::numeric * 1000)::int8
            FROM pg_stat_database d WHERE datname = current_database()
            """)
        transactions = result.int64(0, 0)
        rows = result.int64(0, 1)
        wal = result.int64(0, 2)
        activeMs = result.isNull(0, 3) ? nil : Double(result.int64(0, 3)) / 1000
    }

    func result(since first: Statistics, events: Int) -> DatabaseResult {
        DatabaseResult(
            activeMs: activeMs.flatMap { last in first.activeMs.map { last - $0 } },
            transactions: Int(transactions - first.transactions), rowsWritten: Int(rows - first.rows),
            walBytesPerEvent: Double(wal - first.wal) / Double(max(1, events)))
    }
}
