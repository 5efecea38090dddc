// The line that `weir run --report-every` writes: counts so far and the lag since the last line.

import Histogram
import WeirObserve
import WeirRuntime

/// One JSON object per line on standard output. Counts are since the process started; lags of several
/// processes add up by adding their `lag` counts.
struct RunReport: Codable {
    var time: String
    var topology: String
    var counted: Int64 = 0
    var duplicates: Int64 = 0
    var conflicts: Int64 = 0
    var deadLetters: Int64 = 0
    var late: Int64 = 0
    var diverted: Int64 = 0
    var windows: Int64 = 0
    var commits: Int64 = 0
    var commitMicros: Int64 = 0
    var published: Int64 = 0
    var partitions = 0
    var rememberedKeys: Int64 = 0
    var stalls = 0
    var restoring = 0
    var paused = 0
    var stopped = 0
    var waitingForSchemas = 0
    var waiting = 0
    var restoredKeys = 0
    var keysToRestore = 0
    var negativeLag: Int64 = 0
    var lagP50Micros: UInt64 = 0
    var lagP99Micros: UInt64 = 0
    /// Pairs of lag in microseconds (upper end of its histogram bucket) and records.
    var lag: [[UInt64]] = []

    enum CodingKeys: String, CodingKey {
        case time, topology, counted, duplicates, conflicts, late, diverted, windows, commits, published, partitions,
            lag
        case stalls, restoring, paused, stopped, waiting
        case restoredKeys = "restored_keys"
        case keysToRestore = "keys_to_restore"
        case waitingForSchemas = "waiting_for_schemas"
        case commitMicros = "commit_us"
        case deadLetters = "dead_letters"
        case rememberedKeys = "remembered_keys"
        case negativeLag = "negative_lag"
        case lagP50Micros = "lag_p50_us"
        case lagP99Micros = "lag_p99_us"
    }

    init(time: String, topology: String, _ workers: [(snapshot: WorkerSnapshot, lag: Histogram<UInt32>)]) {
        self.time = time
        self.topology = topology
        var total = WorkerStatus.emptyLag()
        for (snapshot, lag) in workers {
            let counts = snapshot.counts
            counted += counts.counted
            duplicates += counts.duplicates
            conflicts += counts.conflicts
            deadLetters += counts.deadLetters
            late += counts.late
            diverted += counts.diverted
            windows += snapshot.windows
            commits += snapshot.commits
            commitMicros += snapshot.commitTime
            published += snapshot.published
            partitions += snapshot.held.count
            rememberedKeys += snapshot.rememberedKeys
            negativeLag += snapshot.negativeLag
            stalls += snapshot.stalls
            restoring += snapshot.count(.claiming) + snapshot.count(.restoring)
            paused += snapshot.count(.paused)
            stopped += snapshot.count(.stopped)
            waitingForSchemas += snapshot.count(.asking)
            waiting += snapshot.waiting
            restoredKeys += snapshot.restoredKeys
            keysToRestore += snapshot.keysToRestore
            total.add(lag)
        }
        lagP50Micros = total.totalCount == 0 ? 0 : total.valueAtPercentile(50)
        lagP99Micros = total.totalCount == 0 ? 0 : total.valueAtPercentile(99)
        lag = total.recordedValues().map { [$0.value, UInt64($0.count)] }
    }
}
