// The figures of runs side by side, for the page.

internal import Foundation

enum RunTables {
    static func all(_ runs: [RunResult]) -> [BenchReport.Table] {
        var tables = [lags(runs), sending(runs), watching(runs)]
        if runs.contains(where: { !$0.processes.isEmpty }) { tables.append(processes(runs)) }
        if runs.contains(where: { $0.database != nil }) { tables.append(database(runs)) }
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
            "Schedule",
            columns: [
                "run", "due", "offered/s", "done/s", "sent late", "worst, ms", "refused", "unsent", "never done",
            ],
            rows: runs.map { run in
                let sending = run.load.sending
                return [
                    run.label, "\(sending.scheduled)", count(run.load.offered), count(run.load.throughput),
                    "\(sending.late)", milliseconds(sending.worstLatenessMs), "\(sending.failed)", "\(sending.unsent)",
                    "\(sending.neverDone)",
                ]
            },
            note: "Late: more than 1 ms behind the schedule. More than 1 % of them refuse the run.")
    }

    private static func watching(_ runs: [RunResult]) -> BenchReport.Table {
        BenchReport.Table(
            "Watch",
            columns: [
                "run", "looks", "p50, ms", "p99, ms", "max, ms", "failed", "lags below 0", "went back", "of nobody",
            ],
            rows: runs.map { run in
                let watching = run.load.watching
                return [
                    run.label, "\(watching.looks)", milliseconds(watching.resolutionP50),
                    milliseconds(watching.resolutionP99), milliseconds(watching.resolutionMax), "\(watching.failures)",
                    "\(watching.negative)", "\(watching.rewinds)", "\(watching.unclaimed + watching.reportsTooLate)",
                ]
            },
            note: "A lag may be too long by the time from one look to the answer of the next, and is never too short. "
                + "Impossible values are counted: lags below zero, positions that went back, offsets that no delivery "
                + "report spoke of in time.")
    }

    private static func processes(_ runs: [RunResult]) -> BenchReport.Table {
        BenchReport.Table(
            "Cost",
            columns: ["run", "process", "CPU, µs/event", "CPU, s", "RSS, MiB", "switches/event", "preempted/event"],
            rows: runs.flatMap { run in
                run.processes.map { process in
                    [
                        run.label, process.name, String(format: "%.2f", process.cpuMicrosPerEvent),
                        String(format: "%.2f", process.cpuSeconds),
                        process.residentMiB > 0 ? String(format: "%.0f", process.residentMiB) : "",
                        String(format: "%.3f", process.switchesPerEvent),
                        String(format: "%.4f", process.preemptionsPerEvent),
                    ]
                }
            },
            note: "User and system time from /proc, without the warm-up. The mock broker is a thread of weir bench.")
    }

    private static func database(_ runs: [RunResult]) -> BenchReport.Table {
        BenchReport.Table(
            "PostgreSQL",
            columns: ["run", "commits", "a commit, ms", "rows written", "WAL, bytes/event"],
            rows: runs.compactMap { run in
                run.database.map { database in
                    [
                        run.label, database.commits.map(String.init) ?? "",
                        database.meanCommitMs.map { String(format: "%.2f", $0) } ?? "",
                        "\(database.rowsWritten)",
                        String(format: "%.0f", database.walBytesPerEvent),
                    ]
                }
            },
            note: "A commit takes from a batch's leaving the worker to PostgreSQL's answer, in the mean.")
    }
}
