// The pictures of runs: how the percentiles rise, and how lag and rate went over time.

internal import Foundation

enum RunCharts {
    /// Percentiles over a scale on which each nine takes as much room as the one before, as HdrHistogram draws them.
    static func percentiles(_ runs: [RunResult]) -> Chart {
        let nines: [(Double, String)] = [
            (0, "0"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %"), (99.999, "99.999 %"),
        ]
        let most = runs.map { Double($0.load.durable.recorded + $0.load.durable.failures) }.max() ?? 1
        // Beyond this there is no record to tell apart.
        let last = max(1, log10(max(10, most)))
        let sides = Side.sides(of: runs)
        var lines: [Chart.Line] = []
        var never: [(name: String, lag: LagResult)] = []
        func add(_ lag: LagResult, _ name: String, _ legend: String, _ colour: Int, isDashed: Bool) {
            lines.append(line(lag, legend, colour, last, isDashed: isDashed))
            if lag.failures > 0 { never.append((name, lag)) }
        }
        let isOnly = runs.count == 1
        for (number, side) in sides.enumerated() {
            for (index, run) in side.runs.enumerated() {
                // Two sides have a colour each, the runs of one side one each.
                let colour = sides.count > 1 ? number : index
                let name = isOnly ? "durable" : run.label
                let legend = sides.count > 1 ? (index == 0 ? side.words : "") : name
                add(run.load.durable, name, legend, colour, isDashed: false)
                guard let visible = run.visible else { continue }
                add(
                    visible, isOnly ? "visible" : "\(name), visible",
                    number == 0 && index == 0 ? "visible on the output topic" : "", isOnly ? 1 : colour, isDashed: true)
            }
        }
        let from = never.map { share($0.lag) }.min()
        return Chart(
            title: "Lag by percentile, from the intended moment", xName: "percentile", yName: "lag, ms", lines: lines,
            level: runs.first?.objectiveP99.map { ($0, "objective of p99") },
            never: from.map { from in
                Chart.Never(
                    ranges: [min(position(from * 100), last)...last],
                    words: "never: "
                        + never.map { "\($0.name) from \(percent($0.lag)) % on" }.joined(separator: ", "))
            }, isLogarithmic: true,
            xTicks: nines.map { Chart.Tick(value: position($0.0), name: $0.1) }.filter { $0.value <= last + 1e-9 })
    }

    /// Of all records due, those that were done.
    private static func share(_ lag: LagResult) -> Double {
        Double(lag.recorded) / Double(lag.recorded + lag.failures)
    }

    /// As many digits as tell it from 100.
    private static func percent(_ lag: LagResult) -> String {
        let rest = (1 - share(lag)) * 100
        return String(format: "%.\(max(0, Int((1 - log10(rest)).rounded(.up))))f", 100 - rest)
    }

    private static func position(_ percent: Double) -> Double { -log10(1 - percent / 100) }

    private static func line(
        _ lag: LagResult, _ name: String, _ colour: Int, _ last: Double, isDashed: Bool
    ) -> Chart.Line {
        let points = stride(from: 0.0, through: last, by: last / 200).map { x in
            (x: x, y: Optional(lag.percentile((1 - pow(10, -x)) * 100) ?? .infinity))
        }
        return Chart.Line(name: name, points: points, colour: colour, isDashed: isDashed)
    }

    static func courses(_ run: RunResult, isOnly: Bool) -> [String] {
        let end = run.load.warmup + run.load.duration
        // Stretches after the schedule's end have nothing that was due.
        let due = run.load.stretches.filter { $0.records > 0 || $0.from < end }
        let title = isOnly ? "" : "\(run.label): "
        let markers =
            [Chart.Marker(from: 0, to: run.load.warmup, name: "warm-up", isFault: false)].filter { $0.to > 0 }
            + run.faults.map { Chart.Marker(from: $0.at, to: $0.until, name: $0.words) }
        func course(_ name: String, _ colour: Int, _ value: (StretchResult) -> Double?) -> Chart.Line {
            Chart.Line(name: name, points: due.map { ($0.from + $0.seconds / 2, value($0)) }, colour: colour)
        }
        func lag(_ name: String, _ colour: Int, _ value: (StretchResult) -> Double?) -> Chart.Line {
            course(name, colour) { $0.records > 0 ? value($0) ?? .infinity : nil }
        }
        let lags = Chart(
            title: title + "Lag of the records that were due in each second", xName: "intended moment, s",
            yName: "lag, ms",
            lines: [lag("max", 2, \.max), lag("p99", 1, \.p99), lag("p50", 0, \.p50)], markers: markers,
            span: 0...end, never: never(due), isLogarithmic: true)
        let rate = Chart(
            title: title + "Events a second", xName: "s", yName: "events/s",
            lines: [
                course("due", 0) { Double($0.records) / $0.seconds },
                Chart.Line(
                    name: "done",
                    points: run.load.stretches.map { ($0.from + $0.seconds / 2, Double($0.done) / $0.seconds) },
                    colour: 3),
            ], markers: markers, span: 0...end)
        guard !run.residentMiB.isEmpty else { return [lags.svg, rate.svg] }
        let memory = Chart(
            title: title + "Memory of all workers", xName: "s", yName: "resident, MiB",
            lines: [Chart.Line(name: "weir", points: run.residentMiB.map { ($0[0], $0[1]) }, colour: 0)],
            markers: markers, span: 0...end)
        return [lags.svg, rate.svg, memory.svg]
    }

    /// Nil if every record came.
    private static func never(_ due: [StretchResult]) -> Chart.Never? {
        let missing = due.filter { $0.missing > 0 }
        guard !missing.isEmpty else { return nil }
        let count = missing.reduce(0) { $0 + $1.missing }
        return Chart.Never(
            ranges: missing.map { $0.from...($0.from + $0.seconds) },
            words: "never done: \(count) of \(due.reduce(0) { $0 + $1.records }) records")
    }
}

/// Runs that belong together: `A 1`, `A 2`, … are A's.
struct Side {
    var name: String
    var runs: [RunResult]

    var words: String { runs.count == 1 ? name : "\(name), \(runs.count) runs" }

    static func sides(of runs: [RunResult]) -> [Side] {
        var sides: [Side] = []
        for run in runs {
            let words = run.label.split(separator: " ")
            let name =
                words.count > 1 && words.last.flatMap { Int($0) } != nil
                ? words.dropLast().joined(separator: " ") : run.label
            if let index = sides.firstIndex(where: { $0.name == name }) {
                sides[index].runs.append(run)
            } else {
                sides.append(Side(name: name, runs: [run]))
            }
        }
        return sides
    }

    /// So many of them, of each side as many: the first ones, then the second ones.
    static func fairly(_ runs: [RunResult], most: Int) -> [RunResult] {
        let sides = sides(of: runs)
        let longest = sides.map(\.runs.count).max() ?? 0
        return Array(
            (0..<longest).flatMap { number in
                sides.compactMap { number < $0.runs.count ? $0.runs[number] : nil }
            }.prefix(most))
    }
}
