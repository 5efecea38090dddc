// What the kernel says of processes: time, memory, switches.

import Foundation

enum ProcessTable {
    struct Sample {
        /// User and system time in seconds.
        var cpu = 0.0
        var residentMiB = 0.0
        /// Of that, what is mapped from files or shared, and so perhaps another process's as well.
        var sharedMiB = 0.0
        var voluntary = 0
        var involuntary = 0
    }

    /// Seconds in a tick of /proc.
    private static let tick = 1 / Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let page = Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576

    /// The whole process with all its threads; nil if there is none.
    static func sample(_ process: Int32) -> Sample? {
        guard var sample = stat("/proc/\(process)/stat") else { return nil }
        if process == getpid() {
            // Knows those of threads that have ended, too.
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            sample.voluntary = usage.ru_nvcsw
            sample.involuntary = usage.ru_nivcsw
        } else {
            for thread in threads(of: process) { switches("/proc/\(process)/task/\(thread)/status", &sample) }
        }
        // proc(5): size, resident, and of that shared, in pages.
        let pages = text("/proc/\(process)/statm")?.split(separator: " ").compactMap { Double($0) } ?? []
        if pages.count > 2 { sample.sharedMiB = pages[2] * page }
        return sample
    }

    /// The threads of this process with that name; memory is the whole process's.
    static func ownThreads(named name: String) -> Sample {
        var total = Sample()
        for thread in threads(of: getpid()) {
            let folder = "/proc/self/task/\(thread)"
            guard text("\(folder)/comm")?.hasPrefix(name) == true, let part = stat("\(folder)/stat") else { continue }
            total.cpu += part.cpu
            switches("\(folder)/status", &total)
        }
        return total
    }

    static func children(of process: Int32) -> [Int32] {
        threads(of: process).flatMap { thread in
            (text("/proc/\(process)/task/\(thread)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }

    private static func threads(of process: Int32) -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []).compactMap { Int32($0) }
    }

    /// proc(5): the name, in parentheses, may contain anything; utime is field 14, rss field 24.
    private static func stat(_ file: String) -> Sample? {
        guard let text = text(file), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let pages = Double(fields[21])
        else { return nil }
        return Sample(cpu: (user + system) * tick, residentMiB: pages * page)
    }

    private static func switches(_ file: String, _ sample: inout Sample) {
        for line in (text(file) ?? "").split(separator: "\n") {
            guard let value = line.split(separator: "\t").last.flatMap({ Int($0) }) else { continue }
            if line.hasPrefix("voluntary_ctxt_switches") { sample.voluntary += value }
            if line.hasPrefix("nonvoluntary_ctxt_switches") { sample.involuntary += value }
        }
    }

    private static func text(_ file: String) -> String? { try? String(contentsOfFile: file, encoding: .utf8) }
}
