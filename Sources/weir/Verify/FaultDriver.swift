// Carries out a schedule of faults, and sees when the system has recovered from each.

import Foundation
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres

/// Used by one thread, which calls `tick` with each new look at the database.
final class FaultDriver {
    private(set) var records: [FaultRecord] = []
    private let field: Field
    private let crew: Crew
    private let watch: Watch
    private let patience: Double
    private var planned: ArraySlice<PlannedFault>
    private var open: [Open] = []
    private var lastStrike = 0.0
    private var lastCalm = 0.0
    private var note: (FaultRecord) -> Void

    /// A fault that the system has not recovered from.
    private struct Open {
        var index: Int
        var place: Int?
        /// Set once whatever was taken away is there again.
        var restored: (instant: ContinuousClock.Instant, clock: Int64)?
    }

    /// - Parameter note: called with each fault that is over.
    init(
        schedule: FaultSchedule, field: Field, crew: Crew, watch: Watch, patience: Double,
        note: @escaping (FaultRecord) -> Void
    ) {
        planned = schedule.faults[...]
        self.field = field
        self.crew = crew
        self.watch = watch
        self.patience = patience
        self.note = note
    }

    var isOver: Bool { planned.isEmpty && open.isEmpty }
    var kills: Int { records.count { $0.kind == .kill } }

    /// - Parameter acknowledged: events that are in the topics for sure.
    func tick(_ now: Double, acknowledged: Int) throws {
        closeRecovered(now, acknowledged)
        if open.isEmpty { lastCalm = max(lastCalm, lastStrike) }
        if let oldest = open.map({ records[$0.index].at }).min(), now - max(oldest, lastStrike) > patience {
            throw WeirError(.bug, standstill(now, acknowledged))
        }
        guard let next = planned.first, isDue(next, now), let place = place(for: next) else { return }
        planned.removeFirst()
        try strike(next, place.index, now)
    }

    private func isDue(_ fault: PlannedFault, _ now: Double) -> Bool {
        fault.afterRecovery ? open.isEmpty && now >= lastCalm + fault.wait : now >= lastStrike + fault.wait
    }

    /// The worker to do it to; nil if there is none at the moment.
    private func place(for fault: PlannedFault) -> (index: Int?, Void)? {
        guard fault.kind.hasVictim else { return (nil, ()) }
        let present = crew.present
        return present.isEmpty ? nil : (present[fault.choice % present.count], ())
    }

    // MARK: Striking

    private func strike(_ fault: PlannedFault, _ place: Int?, _ now: Double) throws {
        let seconds = String(format: "%.1f s", fault.length)
        var target = place.map { "\(crew.workers[$0].name), process \(crew.workers[$0].processID)" } ?? ""
        switch (fault.kind, place) {
        case (.kill, let place?):
            crew.kill(place, at: now, pause: fault.length)
            target += ", away \(seconds)"
        case (.freeze, let place?):
            crew.freeze(place, at: now, seconds: fault.length)
            target += ", frozen \(seconds)"
        case (.restart, let place?):
            crew.restart(place, at: now, pause: fault.length)
            target += ", away \(seconds)"
        case (.cut, _):
            target = try cut(all: fault.choice % 2 == 0)
        case (.crash, _):
            target = try crash()
        case (.refuse, _):
            target = refuse(fault.choice)
        case (.kill, nil), (.freeze, nil), (.restart, nil):
            preconditionFailure("a \(fault.kind) without a worker")
        }
        records.append(
            FaultRecord(
                number: fault.number, kind: fault.kind, at: now, target: target,
                processed: watch.progress.processed, isOverlapping: !open.isEmpty, recovery: nil))
        open.append(Open(index: records.count - 1, place: place, restored: nil))
        lastStrike = now
    }

    private var sessions: String {
        "FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
            + "left('weir \(field.topology.name)', 63)"
    }

    private func cut(all: Bool) throws -> String {
        let limit = all ? "" : " ORDER BY random() LIMIT 1"
        let rows = try? watch.connected().connection.query(
            "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) \(sessions)\(limit)) AS cut")
        let count = rows?.int64(0, 0) ?? 0
        return "\(count) database session\(count == 1 ? "" : "s")"
    }

    /// Any process of the server that dies takes all sessions with it: it cannot know what the dead one wrote.
    private func crash() throws -> String {
        let rows = try? watch.connected().connection.query(
            "SELECT coalesce((SELECT min(pid) \(sessions)), pg_backend_pid())")
        guard let process = rows?.int32(0, 0) else { return "PostgreSQL, which was away" }
        Glibc.kill(process, SIGKILL)
        watch.forget()
        return "PostgreSQL, process \(process)"
    }

    private func refuse(_ choice: Int) -> String {
        let requests = MockCluster.Request.allCases
        let request = requests[choice % requests.count]
        let count = 1 + choice / requests.count % 5
        field.servers.cluster?.refuse(request, count: count)
        return "\(count) \(request) request\(count == 1 ? "" : "s")"
    }

    // MARK: Recovery

    private func closeRecovered(_ now: Double, _ acknowledged: Int) {
        let isComplete = crew.areAllRunning
        var still: [Open] = []
        for var fault in open {
            if fault.restored == nil, isRestored(fault) { fault.restored = (.now, watch.progress.clock) }
            if isComplete, let restored = fault.restored, hasRecovered(restored, acknowledged) {
                records[fault.index].recovery = now - records[fault.index].at
                lastCalm = now
                note(records[fault.index])
            } else {
                still.append(fault)
            }
        }
        open = still
    }

    private func isRestored(_ fault: Open) -> Bool {
        guard let place = fault.place else { return true }
        guard case .running = crew.places[place] else { return false }
        return true
    }

    private func hasRecovered(_ restored: (instant: ContinuousClock.Instant, clock: Int64), _ acknowledged: Int) -> Bool
    {
        crew.shareAll(since: restored.instant)
            && (watch.progress.oldestCommit > restored.clock || watch.progress.processed >= acknowledged)
    }

    private func standstill(_ now: Double, _ acknowledged: Int) -> String {
        let words = open.map { fault in
            let record = records[fault.index]
            return "  #\(record.number) \(record.kind.rawValue), \(record.target), \(Int(now - record.at)) s ago"
        }
        let owned = crew.workers.map { "  \($0.name) owns \($0.report?.partitions ?? 0) partitions" }
        let logs = crew.workers.map { "\($0.name), the end of its log \($0.logFile):\n\($0.lastWords)" }
        return
            (["stands still: no recovery within \(Int(patience)) s from"] + words + [
                "  \(watch.progress.processed) of \(acknowledged) events processed, of \(field.sourcePartitions) partitions"
            ] + owned + logs).joined(separator: "\n")
    }
}
