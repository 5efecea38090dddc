// The demo's live line: one line rewritten on a terminal, one every two seconds elsewhere.

import Foundation
import Histogram
import WeirRuntime

final class DemoScreen {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var lastShown = -10.0
    private var lastProcessed = 0
    private var lag = WorkerStatus.emptyLag()
    private var isDirty = false

    func show(_ progress: DemoDatabase.Progress, elapsed: Double, lags: [[UInt64]]) {
        for pair in lags where pair.count == 2 { lag.record(pair[0], count: UInt32(pair[1])) }
        guard elapsed - lastShown >= (isTerminal ? 0.5 : 2) else { return }
        let rate = Double(progress.processed - lastProcessed) / max(0.001, elapsed - max(0, lastShown))
        let p99 = lag.totalCount == 0 ? "-" : Self.words(microseconds: lag.valueAtPercentile(99))
        lastShown = elapsed
        lastProcessed = progress.processed
        lag.reset()
        let line =
            "\(String(format: "%5.1f", elapsed)) s  \(progress.processed) events  \(Int(rate))/s  p99 lag \(p99)  "
            + "\(progress.duplicates) repeats dropped  \(progress.deadLetters) dead letters  \(progress.windows) windows"
        if isTerminal {
            write("\r\u{1b}[K" + line)
            isDirty = true
        } else {
            say(line)
        }
    }

    func note(_ text: String) {
        end()
        say("   >>>  \(text)")
    }

    /// Leaves the live line standing.
    func end() {
        if isDirty { write("\n") }
        isDirty = false
    }

    private func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }

    private static func words(microseconds: UInt64) -> String {
        microseconds < 10_000
            ? String(format: "%.1f ms", Double(microseconds) / 1000)
            : microseconds < 1_000_000
                ? "\(microseconds / 1000) ms" : String(format: "%.1f s", Double(microseconds) / 1_000_000)
    }
}
