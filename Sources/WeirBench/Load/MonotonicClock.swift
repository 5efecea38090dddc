// The one clock that everything in a measurement is read from.

internal import Foundation
internal import Glibc

/// CLOCK_MONOTONIC in nanoseconds: never set, never runs backwards.
public enum MonotonicClock {
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    public static func sleep(until moment: Int64) {
        var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    /// `CLOCK_MONOTONIC from tsc, steps of 1 ns`
    public static var words: String {
        let file = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        let source = (try? String(contentsOfFile: file, encoding: .utf8)) ?? "an unknown source"
        var step = timespec()
        clock_getres(CLOCK_MONOTONIC, &step)
        return "CLOCK_MONOTONIC from \(source.trimmingCharacters(in: .whitespacesAndNewlines)), "
            + "steps of \(step.tv_nsec) ns"
    }

    /// Puts the calling thread before all ordinary ones, so that a busy machine delays it as little as possible.
    ///
    /// - Returns: false if the kernel does not allow it (it takes root or CAP_SYS_NICE).
    static func raiseThread() -> Bool {
        var parameters = sched_param()
        parameters.sched_priority = 1
        return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0
    }
}
