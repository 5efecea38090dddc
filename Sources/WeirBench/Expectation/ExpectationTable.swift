// An expectation for people: the largest organisations in a table.

public import WeirCore

public enum ExpectationTable {
    /// Counts, dead letters, and a row for each of the organisations with most events.
    public static func text(_ expectation: Expectation, topology: Topology, organisations: Int = 10) -> String {
        let counts = expectation.counts
        var lines = [
            "\(counts.produced) records: \(counts.unique) events, \(counts.repeats) repeats, "
                + "\(counts.conflicts) conflicts, \(counts.deadLetters) dead letters"
        ]
        for (topic, reasons) in expectation.deadLetters.sorted(by: { $0.key < $1.key }) {
            let words = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            lines.append("  \(topic): \(words)")
        }
        guard !expectation.usage.isEmpty else { return lines.joined(separator: "\n") }

        let groups = Dictionary(grouping: expectation.usage, by: \.organisation)
        let events = groups.mapValues { $0.reduce(0) { $0 + $1.eventCount } }
        let largest = events.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(organisations).map(\.key)
        var rows = [["organisation"] + topology.meters.map(\.name)]
        for organisation in largest {
            let usage = groups[organisation] ?? []
            let cells = topology.meters.map { meter in cell(meter, usage.filter { $0.meter == meter.name }) }
            rows.append([organisation] + cells)
        }
        lines.append("")
        lines.append("The \(largest.count) largest of \(groups.count) organisations. Counts and sums are totals of all")
        lines.append("windows; of other meters it is the largest result (min: the smallest, last: the latest).")
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).enumerated().map { index, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + padding : padding + cell.0
            }
            lines.append(cells.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    private static func cell(_ meter: Meter, _ usage: [Expectation.Usage]) -> String {
        var scale = 0
        let numbers = usage.map { row -> Int128 in
            let parts = row.quantity.split(separator: ".")
            scale = parts.count == 2 ? parts[1].count : 0
            return Int128(parts.joined()) ?? 0
        }
        let number: Int128? =
            switch meter.aggregate {
            case .count, .sum: numbers.isEmpty ? nil : numbers.reduce(0, +)
            case .max, .unique: numbers.max()
            case .min: numbers.min()
            case .last: zip(usage, numbers).max { $0.0.windowStart < $1.0.windowStart }?.1
            }
        return number.map { DecimalText.write($0, scale: scale) } ?? "-"
    }
}
