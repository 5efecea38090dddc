// A campaign's report as text: lines for the screen, and a page of Markdown.

import Foundation
import WeirBench

extension VerifyReport {
    /// Faults of each kind and how long recovery took.
    var recoveryLines: [String] {
        recoveries.map { recovery in
            func words(_ seconds: Double?) -> String { seconds.map { String(format: "%.1f s", $0) } ?? "-" }
            let count = String(repeating: " ", count: max(0, 5 - String(recovery.count).count)) + "\(recovery.count)"
            return "  \(recovery.kind.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0))\(count)   "
                + "recovered after \(words(recovery.medianSeconds)) (median), \(words(recovery.longestSeconds)) (longest)"
        }
    }

    var markdown: String {
        var lines = ["# weir verify: \(failure == nil ? verdict : "not judged")", ""]
        if let failure { lines += ["**Stopped:**", "", "```", failure, "```", ""] }
        if failure == nil, !isExact { lines += ["**Something is wrong: see the checks.**", ""] }
        lines += ["```sh", command, "```", ""]
        lines += table(
            ["", ""],
            [
                ["date", date], ["machine", machine.words], ["versions", versions], ["broker", broker],
                ["PostgreSQL", database], ["set-up", setup], ["seed", String(seed)],
                ["took", String(format: "%.0f s", seconds)],
                [
                    "events",
                    "\(counts.produced): \(counts.unique) to bill, \(counts.repeats) repeats, \(counts.conflicts) "
                        + "conflicts, \(counts.deadLetters) for the dead letter topics",
                ],
            ])
        lines += ["", "## Checks", ""]
        lines += table(
            ["check", "", "found"], checks.map { [$0.name, $0.holds ? "ok" : "**WRONG**", $0.words] })
        lines += ["", "## Recovery", ""]
        lines += [
            "From the fault until every worker is back, every partition is owned and each has committed again. The time",
            "that a worker is kept away or frozen is part of it.", "",
        ]
        lines += table(
            ["fault", "count", "median", "longest"],
            recoveries.map { recovery in
                func words(_ seconds: Double?) -> String { seconds.map { String(format: "%.1f s", $0) } ?? "-" }
                return [
                    recovery.kind.rawValue, String(recovery.count), words(recovery.medianSeconds),
                    words(recovery.longestSeconds),
                ]
            })
        if !desertions.isEmpty {
            lines += ["", "## Workers that ended by themselves", ""]
            lines += table(
                ["time", "worker", "end", ""],
                desertions.map {
                    [
                        String(format: "%.1f s", $0.at), $0.worker, $0.end,
                        $0.isExcused ? "no database to start with; started again" : "**not expected**",
                    ]
                })
        }
        lines += [
            "", "## Faults", "", "A `+` marks a fault that struck before the system had recovered from others.", "",
        ]
        lines += table(
            FaultRecord.header,
            faults.map { record in
                var cells = record.cells
                if record.isOverlapping { cells[0] += " +" }
                return cells
            })
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ header: [String], _ rows: [[String]]) -> [String] {
        func line(_ cells: [String]) -> String {
            "| "
                + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: "<br>") }.joined(separator: " | ")
                + " |"
        }
        return [line(header), "|" + String(repeating: "---|", count: header.count)] + rows.map(line)
    }
}
