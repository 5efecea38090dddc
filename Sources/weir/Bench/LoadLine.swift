// The line that shows how a load goes.

import Foundation
import Histogram
import WeirBench

struct LoadLine {
    private var line = LiveLine(pipedEvery: 5)
    private var lastSettled = 0

    mutating func end() { line.end() }

    mutating func show(_ progress: LoadProgress, _ run: LoadRun, _ load: BenchSystem.Load) {
        let before = lastSettled
        var shown = before
        line.show(at: max(0, progress.seconds)) { seconds in
            let rate = Double(progress.settled - before) / seconds
            shown = progress.settled
            let lags = run.lags
            // The last but one: the latest is not full yet.
            let stretch = lags.stretches.dropLast().last
            func percentile(_ percent: Double) -> String {
                guard let stretch, stretch.lags.totalCount > 0 else { return "-" }
                return BenchScreen.milliseconds(Double(stretch.lags.valueAtPercentile(percent)) / 1e6)
            }
            let total = load.warmup + load.duration
            let phase = progress.seconds < load.warmup ? "warm-up" : progress.seconds < total ? "counts" : "rest"
            return "\(load.label)  \(String(format: "%5.1f", max(0, progress.seconds))) of \(Int(total)) s, \(phase)  "
                + "\(progress.sent) sent, \(Int(rate))/s done, \(lags.open) open  p50 \(percentile(50)) "
                + "p99 \(percentile(99)) ms" + (progress.late > 0 ? "  \(progress.late) sent late" : "")
        }
        lastSettled = shown
    }
}
