// What a report says of the machine it was made on.

import Foundation

struct Machine: Codable {
    var processor: String
    var cores: Int
    var memory: String
    var system: String

    static var this: Machine {
        func line(_ file: String, _ name: String) -> String? {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            let found = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return found?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        }
        var system = utsname()
        uname(&system)
        let release = withUnsafeBytes(of: &system.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Machine(
            processor: line("/proc/cpuinfo", "model name") ?? "unknown processor",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memory: "\(ProcessInfo.processInfo.physicalMemory >> 20) MiB", system: "Linux \(release)")
    }

    var words: String { "\(processor), \(cores) cores, \(memory), \(system)" }
}
