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
        var lines: [Chart.Line] = []
        for (index, run) in runs.enumerated() {
            lines.append(line(run.load.durable, runs.count == 1 ? "durable" : run.label, index, last))
            if let visible = run.visible {
                var line = line(visible, runs.count == 1 ? "visible on the output topic" : "", index + 1, last)
                line.isDashed = true
                lines.append(line)
            }
        }
        return Chart(
            title: "Lag by percentile, from the intended moment", xName: "percentile", yName: "lag, ms", lines: lines,
            level: runs.first?.objectiveP99.map { ($0, "objective of p99") }, isLogarithmic: true,
            xTicks: nines.map { Chart.Tick(value: position($0.0), name: $0.1) }.filter { $0.value <= last + 1e-9 })
    }

    private static func position(_ percent: Double) -> Double { -log10(1 - percent / 100) }

    private static func line(_ lag: LagResult, _ name: String, _ colour: Int, _ last: Double) -> Chart.Line {
        let points = stride(from: 0.0, through: last, by: last / 200).map { x in
            (x: x, y: lag.percentile((1 - pow(10, -x)) * 100))
        }
        return Chart.Line(name: name, points: points, colour: colour)
    }

    static func courses(_ run: RunResult, isOnly: Bool) -> [String] {
        // Stretches after the schedule's end have nothing that was due.
        let due = run.load.stretches.filter { $0.delivered > 0 }
        let title = isOnly ? "" : "\(run.label): "
        let markers =
            [Chart.Marker(from: 0, to: run.load.warmup, name: "warm-up", isFault: false)].filter { $0.to > 0 }
            + run.faults.map { Chart.Marker(from: $0.at, to: $0.until, name: $0.words) }
        func course(_ name: String, _ colour: Int, _ value: (StretchResult) -> Double?) -> Chart.Line {
            Chart.Line(name: name, points: due.map { ($0.from + $0.seconds / 2, value($0)) }, colour: colour)
        }
        let lag = Chart(
            title: title + "Lag of the records that were due in each second", xName: "intended moment, s",
            yName: "lag, ms",
            lines: [course("max", 2, \.max), course("p99", 1, \.p99), course("p50", 0, \.p50)], markers: markers,
            isLogarithmic: true)
        let rate = Chart(
            title: title + "Events a second", xName: "s", yName: "events/s",
            lines: [
                course("sent", 0) { Double($0.delivered) / $0.seconds },
                Chart.Line(
                    name: "done",
                    points: run.load.stretches.map { ($0.from + $0.seconds / 2, Double($0.done) / $0.seconds) },
                    colour: 3),
            ], markers: markers)
        guard !run.residentMiB.isEmpty else { return [lag.svg, rate.svg] }
        let memory = Chart(
            title: title + "Memory of all workers", xName: "s", yName: "resident, MiB",
            lines: [Chart.Line(name: "weir", points: run.residentMiB.map { ($0[0], $0[1]) }, colour: 0)],
            markers: markers)
        return [lag.svg, rate.svg, memory.svg]
    }
}
