// What a measurement looks like in a terminal.

import Foundation
import WeirBench

enum BenchScreen {
    /// `3.21`, `47.1`, `4800`, or `never`.
    static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "never" }
        return value < 10
            ? String(format: "%.2f", value) : value < 100 ? String(format: "%.1f", value) : "\(Int(value.rounded()))"
    }

    /// `47.1 ms`, or `never`.
    static func time(_ value: Double?) -> String { value.map { "\(milliseconds($0)) ms" } ?? "never" }

    static func lines(_ run: RunResult) -> [String] {
        let load = run.load
        var lines = lags([("intended to durable", load.durable), ("intended to visible", run.visible)])
        var processes = TextTable(
            [
                ("process", .left), ("CPU us/event", .right), ("CPU s", .right), ("RSS MiB", .right),
                ("switches/event", .right),
            ])
        for process in run.processes {
            processes.add([
                process.name, String(format: "%.2f", process.cpuMicrosPerEvent),
                String(format: "%.2f", process.cpuSeconds),
                process.residentMiB > 0 ? String(format: "%.0f", process.residentMiB) : "in bench",
                String(format: "%.3f", process.switchesPerEvent),
            ])
        }
        let sending = load.sending
        let share = sending.scheduled == 0 ? 0 : Double(sending.late + sending.unsent) / Double(sending.scheduled) * 100
        lines.append(
            "  \(Int(load.offered))/s offered, \(Int(load.throughput))/s done; \(sending.late) of \(sending.scheduled) sent "
                + "late (\(String(format: "%.2f", share)) %), worst \(milliseconds(sending.worstLatenessMs)) ms; "
                + "\(sending.failed) refused, \(sending.unsent) unsent, \(sending.neverDone) never done")
        lines.append(resolution(load.watching))
        if let database = run.database {
            lines.append(
                "  PostgreSQL: \(database.rowsWritten) rows written, \(Int(database.walBytesPerEvent)) bytes of WAL an event"
                    + (database.meanCommitMs.map { "; \(database.commits ?? 0) commits, \(milliseconds($0)) ms each" }
                        ?? ""))
        }
        if !processes.isEmpty { lines += processes.lines(indent: "  ") }
        for (name, count) in sending.errors.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(count == 1 ? "once" : "\(count) times") \(name)")
        }
        if let words = impossible(load.watching) { lines.append(words) }
        if let wrong = run.wrong, !wrong.isEmpty { lines.append("  WRONG RESULTS: \(wrong.joined(separator: ", "))") }
        if run.wrong == [] { lines.append("  every event billed once") }
        if let refusal = run.refusal { lines.append("  REFUSED: \(refusal).") }
        return lines
    }

    /// Of a group that is measured under somebody else's load: nothing was sent here.
    static func probeLines(_ run: RunResult, commitInterval: Double?) -> [String] {
        let load = run.load
        var lines = lags([("timestamp to committed", load.durable)])
        lines.append(
            "  \(load.sending.scheduled) records came, \(Int(load.offered))/s; \(load.sending.neverDone) of them never "
                + "committed")
        if let commitInterval {
            lines.append(
                "  a partition's offset is committed every \(time(commitInterval * 1000)), which is in the lags")
        }
        lines.append(resolution(load.watching))
        if let words = impossible(load.watching) { lines.append(words) }
        if let refusal = run.refusal { lines.append("  REFUSED: \(refusal).") }
        return lines
    }

    private static func lags(_ rows: [(String, LagResult?)]) -> [String] {
        var table = TextTable(
            [
                ("lag in ms", .left), ("p50", .right), ("p90", .right), ("p99", .right), ("p99.9", .right),
                ("max", .right), ("records", .right), ("failures", .right),
            ])
        for (name, lag) in rows {
            guard let lag else { continue }
            table.add(
                [name] + [lag.p50, lag.p90, lag.p99, lag.p999, lag.max].map(milliseconds)
                    + ["\(lag.recorded)", "\(lag.failures)"])
        }
        return table.lines(indent: "  ")
    }

    private static func resolution(_ watching: WatchingResult) -> String {
        "  lags may be too long by \(time(watching.resolutionP50)) (p99 \(time(watching.resolutionP99)), max "
            + "\(time(watching.resolutionMax))), never too short"
    }

    private static func impossible(_ watching: WatchingResult) -> String? {
        guard watching.negative + watching.rewinds + watching.unclaimed + watching.reportsTooLate > 0 else {
            return nil
        }
        return "  impossible values: \(watching.negative) lags below zero, \(watching.rewinds) positions that went "
            + "back, \(watching.unclaimed) offsets of nobody, \(watching.reportsTooLate) reports too late"
    }
}
