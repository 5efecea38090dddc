// The demo's live line: how fast it goes, and how late results are.

import Foundation
import Histogram
import WeirRuntime

final class DemoScreen {
    private var line = LiveLine(pipedEvery: 2)
    private var lastProcessed = 0
    private var lag = WorkerStatus.emptyLag()

    func show(_ progress: FieldDatabase.Progress, windows: Int, elapsed: Double, lags: [[UInt64]]) {
        for pair in lags where pair.count == 2 { lag.record(pair[0], count: UInt32(pair[1])) }
        line.show(at: elapsed) { seconds in
            let rate = Double(progress.processed - lastProcessed) / seconds
            let p99 = lag.totalCount == 0 ? "-" : Self.words(microseconds: lag.valueAtPercentile(99))
            lastProcessed = progress.processed
            lag.reset()
            return
                "\(String(format: "%5.1f", elapsed)) s  \(progress.processed) events  \(Int(rate))/s  p99 lag \(p99)  "
                + "\(progress.duplicates) repeats dropped  \(progress.deadLetters) dead letters  \(windows) windows"
        }
    }

    func note(_ text: String) {
        end()
        say("   >>>  \(text)")
    }

    func end() { line.end() }

    private static func words(microseconds: UInt64) -> String {
        microseconds < 10_000
            ? String(format: "%.1f ms", Double(microseconds) / 1000)
            : microseconds < 1_000_000
                ? "\(microseconds / 1000) ms" : String(format: "%.1f s", Double(microseconds) / 1_000_000)
    }
}
