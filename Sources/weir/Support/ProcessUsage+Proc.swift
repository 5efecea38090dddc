// What the process uses, from /proc.

import Foundation
import WeirObserve

extension ProcessUsage {
    /// Nil where there is no /proc.
    static func now() -> ProcessUsage? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let machine = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"),
            // The name before stands in parentheses and may hold anything.
            let name = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        let boot = machine.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
        // proc(5): utime is field 14, stime 15, starttime 22, rss 24; the first here is the third there.
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let started = Double(fields[19]), let pages = Int64(fields[21]), let boot
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessUsage(
            cpu: (user + system) / ticks, residentBytes: pages * Int64(sysconf(Int32(_SC_PAGESIZE))),
            startedAt: boot + started / ticks, openFiles: files.count)
    }
}
