// The figures of runs side by side, for the page.

internal import Foundation

enum RunTables {
    static func all(_ runs: [RunResult]) -> [BenchReport.Table] {
        var tables = [lags(runs), sending(runs)]
        if runs.contains(where: { !$0.processes.isEmpty }) { tables.append(processes(runs)) }
        return tables
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "never" }
        return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }

    static func count(_ value: Double) -> String { "\(Int(value.rounded()))" }

    private static func lags(_ runs: [RunResult]) -> BenchReport.Table {
        var rows: [[String]] = []
        for run in runs {
            for (name, lag) in [("durable", run.load.durable), ("visible", run.visible)] {
                guard let lag else { continue }
                rows.append(
                    [run.label, name] + [lag.p50, lag.p90, lag.p99, lag.p999, lag.max].map(milliseconds)
                        + ["\(lag.recorded)", "\(lag.failures)"])
            }
        }
        return BenchReport.Table(
            "Lag in milliseconds",
            columns: ["run", "until", "p50", "p90", "p99", "p99.9", "max", "records", "failures"],
            rows: rows,
            note:
                "From the intended moment of each record. Failures (refused, unsent, never done) count as slower than "
                + "everything else.")
    }

    private static func sending(_ runs: [RunResult]) -> BenchReport.Table {
        BenchReport.Table(
            "Schedule and watch",
            columns: [
                "run", "due", "offered/s", "done/s", "sent late", "worst, ms", "refused", "unsent", "never done",
                "watch, p99 ms", "max ms", "impossible",
            ],
            rows: runs.map { run in
                let sending = run.load.sending
                let watching = run.load.watching
                return [
                    run.label, "\(sending.scheduled)", count(run.load.offered), count(run.load.throughput),
                    "\(sending.late)", milliseconds(sending.worstLatenessMs), "\(sending.failed)", "\(sending.unsent)",
                    "\(sending.neverDone)", milliseconds(watching.resolutionP99), milliseconds(watching.resolutionMax),
                    "\(watching.negative + watching.rewinds + watching.unclaimed + watching.reportsTooLate)",
                ]
            },
            note:
                "Late: more than 1 ms behind the schedule; more than 1 % of them refuse the run. The watch says by how "
                + "much a lag may be too long. Impossible: lags below zero, positions that went back, offsets of nobody."
        )
    }

    private static func processes(_ runs: [RunResult]) -> BenchReport.Table {
        var rows: [[String]] = []
        for run in runs {
            for process in run.processes {
                rows.append([
                    run.label, process.name, String(format: "%.2f", process.cpuMicrosPerEvent),
                    String(format: "%.2f", process.cpuSeconds),
                    process.residentMiB > 0 ? String(format: "%.0f", process.residentMiB) : "",
                    String(format: "%.3f", process.switchesPerEvent),
                    String(format: "%.4f", process.preemptionsPerEvent),
                ])
            }
            if let database = run.database {
                let active = database.activeMs.map { "\(Int($0)) ms in statements, " } ?? ""
                rows.append([
                    run.label,
                    "PostgreSQL's own count: \(active)\(database.transactions) transactions, \(database.rowsWritten) rows, "
                        + "\(Int(database.walBytesPerEvent)) bytes of WAL an event", "", "", "", "", "",
                ])
            }
        }
        return BenchReport.Table(
            "Cost",
            columns: ["run", "process", "CPU, µs/event", "CPU, s", "RSS, MiB", "switches/event", "preempted/event"],
            rows: rows,
            note: "User and system time from /proc, without the warm-up. The mock broker is a thread of weir bench.")
    }
}
