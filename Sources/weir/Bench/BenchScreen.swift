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
        var lags = TextTable(
            [
                ("lag in ms", .left), ("p50", .right), ("p90", .right), ("p99", .right), ("p99.9", .right),
                ("max", .right),
                ("records", .right), ("failures", .right),
            ])
        for (name, lag) in [("intended to durable", load.durable), ("intended to visible", run.visible)] {
            guard let lag else { continue }
            lags.add(
                [name] + [lag.p50, lag.p90, lag.p99, lag.p999, lag.max].map(milliseconds)
                    + ["\(lag.recorded)", "\(lag.failures)"])
        }
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
        var lines = lags.lines(indent: "  ")
        lines.append(
            "  \(Int(load.offered))/s offered, \(Int(load.throughput))/s done; \(sending.late) of \(sending.scheduled) sent "
                + "late (\(String(format: "%.2f", share)) %), worst \(milliseconds(sending.worstLatenessMs)) ms; "
                + "\(sending.failed) refused, \(sending.unsent) unsent, \(sending.neverDone) never done")
        lines.append(
            "  lags may be too long by \(milliseconds(load.watching.resolutionP50)) ms (p99 "
                + "\(milliseconds(load.watching.resolutionP99)), max \(milliseconds(load.watching.resolutionMax))), never too short"
        )
        if let database = run.database {
            lines.append(
                "  PostgreSQL: \(database.transactions) transactions, \(database.rowsWritten) rows written, "
                    + "\(Int(database.walBytesPerEvent)) bytes of WAL an event"
                    + (database.activeMs.map { ", \(Int($0)) ms in statements" } ?? ""))
        }
        if !processes.isEmpty { lines += processes.lines(indent: "  ") }
        for (name, count) in sending.errors.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(count == 1 ? "once" : "\(count) times") \(name)")
        }
        if load.watching.negative + load.watching.rewinds + load.watching.unclaimed + load.watching.reportsTooLate > 0 {
            lines.append(
                "  impossible values: \(load.watching.negative) lags below zero, \(load.watching.rewinds) positions that went "
                    + "back, \(load.watching.unclaimed) offsets of nobody, \(load.watching.reportsTooLate) reports too late"
            )
        }
        if let wrong = run.wrong, !wrong.isEmpty { lines.append("  WRONG RESULTS: \(wrong.joined(separator: ", "))") }
        if run.wrong == [] { lines.append("  every event billed once") }
        if let refusal = run.refusal { lines.append("  REFUSED: \(refusal).") }
        return lines
    }
}
