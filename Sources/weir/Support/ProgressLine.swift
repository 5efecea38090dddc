// A line on standard error every other second, for commands that take a while.

import Synchronization
import WeirBench

struct ProgressLine {
    private let isQuiet: Bool
    private var last = (seconds: 0.0, produced: 0)

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    mutating func show(_ progress: GeneratorProgress, after time: Duration) {
        let seconds = time / .seconds(1)
        guard !isQuiet, seconds - last.seconds >= 2 else { return }
        let produced = progress.produced.load(ordering: .relaxed)
        complain("\(produced) records, \(Int(Double(produced - last.produced) / (seconds - last.seconds)))/s")
        last = (seconds, produced)
    }
}
