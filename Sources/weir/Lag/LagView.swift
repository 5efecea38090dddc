// How `weir lag` puts a report: in words for people, in JSON for programs.

import WeirAvro
import WeirCore
import WeirKafka
import WeirLag

enum LagView {
    // MARK: Words

    /// Worst group first: a line for it, and one for each of its partitions, worst first.
    static func lines(_ report: LagReport) -> [String] {
        var lines: [String] = []
        if let failure = report.failure { lines += ["not all groups were seen: \(failure)", ""] }
        guard !report.groups.isEmpty else { return lines + ["no consumer group was found"] }
        for group in report.groups {
            lines.append(summary(group))
            var table = TextTable([
                ("STATE", .left), ("TOPIC", .left), ("PARTITION", .right), ("LAG", .right), ("TIME LAG", .right),
                ("COMMITTED", .right), ("LOG", .left), ("", .left),
            ])
            for partition in group.partitions { table.add(cells(partition)) }
            if !table.isEmpty { lines += table.lines(indent: "  ") }
            lines.append("")
        }
        lines.removeLast()
        return lines
    }

    private static func summary(_ group: LagReport.Group) -> String {
        var parts = ["\(Printable.text(group.name)): \(group.verdict.state.word)"]
        if !group.verdict.reason.isEmpty { parts.append(group.verdict.reason) }
        if let members = group.members { parts.append(members == 1 ? "1 member" : "\(members) members") }
        if let lag = group.lag {
            // A sum over some of them must not look like one over all.
            let known = group.partitions.count { $0.lag != nil }
            let rest = known < group.partitions.count ? " in \(known) of \(group.partitions.count) partitions" : ""
            parts.append("\(lag) behind" + rest)
        }
        if let age = group.age, age != 0 { parts.append("oldest \(time(age))") }
        let states = LagState.allCases.reversed().map { ($0, group.count($0)) }.filter { $0.1 > 0 }
        if states.count > 1 { parts.append(states.map { "\($1) \($0.word)" }.joined(separator: " ")) }
        return parts.joined(separator: ", ")
    }

    private static func cells(_ partition: LagReport.Partition) -> [String] {
        let seen = partition.seen
        return [
            partition.verdict.state.word, Printable.text(partition.partition.topic),
            String(partition.partition.partition), partition.lag.map { String($0) } ?? "-",
            partition.age.map { time($0) } ?? "-", seen?.committed.map { String($0) } ?? "-",
            seen.map { "\($0.start)–\($0.end)" } ?? "-", partition.verdict.reason,
        ]
    }

    /// `0`, `320 ms`, `4.2 s`, `3 m 20 s`, `5 h 3 m`, `2 d 4 h`; with a minus sign for what lies ahead.
    static func time(_ microseconds: Int64) -> String {
        guard microseconds >= 0 else { return "-" + time(microseconds == .min ? .max : -microseconds) }
        let seconds = microseconds / 1_000_000
        switch seconds {
        case 0: return microseconds == 0 ? "0" : "\(microseconds / 1000) ms"
        case ..<60: return "\(seconds).\(microseconds / 100_000 % 10) s"
        case ..<3600: return "\(seconds / 60) m \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3600) h \(seconds / 60 % 60) m"
        default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    // MARK: JSON

    /// Times in seconds; what is not known is null.
    static func json(_ report: LagReport) -> JSON {
        .object([
            .init("time", .string(Timestamp(microseconds: report.time).description)),
            .init("ok", .boolean(report.isAllGood)), .init("failure", JSON(report.failure)),
            .init("groups", .array(report.groups.map(group))),
        ])
    }

    private static func group(_ group: LagReport.Group) -> JSON {
        .object([
            .init("group", .string(group.name)), .init("state", .string(group.verdict.state.name)),
            .init("reason", .string(group.verdict.reason)), .init("members", JSON(group.members)),
            .init("lag_records", JSON(group.lag)), .init("lag_seconds", seconds(group.age)),
            .init("partitions", .array(group.partitions.map(partition))),
        ])
    }

    private static func partition(_ partition: LagReport.Partition) -> JSON {
        let seen = partition.seen
        return .object([
            .init("topic", .string(partition.partition.topic)),
            .init("partition", JSON(partition.partition.partition)),
            .init("state", .string(partition.verdict.state.name)), .init("reason", .string(partition.verdict.reason)),
            .init("lag_records", JSON(partition.lag)), .init("lag_seconds", seconds(partition.age)),
            .init("committed", JSON(seen?.committed)), .init("log_start", JSON(seen?.start)),
            .init("log_end", JSON(seen?.end)),
            .init("assigned", seen?.isAssigned.map { .boolean($0) } ?? .null),
        ])
    }

    private static func seconds(_ microseconds: Int64?) -> JSON {
        microseconds.map { .real(Double($0) / 1_000_000) } ?? .null
    }
}
