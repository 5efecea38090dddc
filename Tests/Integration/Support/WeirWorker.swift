// A `weir run` process of a test: started, watched, stopped or killed.

import Foundation
import TestSupport
import WeirCore

/// Its log goes to a file. It is killed at the latest when the value goes away or the tests end.
final class WeirWorker {
    let name: String
    private let process: ChildProcess
    private let log: URL

    init(name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        self.name = name
        log = FileManager.default.temporaryDirectory.appending(path: "weir-worker-\(UUID().uuidString).log")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        let end = ChildProcess.Stream.descriptor(output.fileDescriptor)
        process = try ChildProcess(
            WeirProcess.program, arguments, environment: WeirProcess.environment.merging(environment) { $1 },
            directory: Repository.root.path, output: end, errors: end)
        try output.close()
        Leash.tie(process)
    }

    deinit {
        Leash.end(process)
        try? FileManager.default.removeItem(at: log)
    }

    var processID: Int32 { process.id }
    var isRunning: Bool { process.isRunning }

    /// How it ended; nil while it runs.
    var end: ChildProcess.End? { process.end }

    /// Memory that it has now, in KiB; nil once it has ended.
    var residentMemory: Int? {
        let status = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) }
    }

    /// All that it said so far.
    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// SIGKILL: no goodbye.
    func kill() { process.signal(SIGKILL) }

    /// SIGSTOP: it stands still, as in a long pause of its machine, until `resume`.
    func suspend() { process.signal(SIGSTOP) }

    func resume() { process.signal(SIGCONT) }

    /// Asks it to stop; see `waitForEnd`.
    func terminate() { process.signal(SIGTERM) }

    /// - Returns: the exit status; negative for a signal.
    @discardableResult
    func waitForEnd(seconds: Int = 60) throws -> Int32 {
        guard let end = process.wait(milliseconds: seconds * 1000) else {
            throw WaitTimeout(
                description: "worker \(name) has not ended within \(seconds) s\n\(lastWords)\n\(stacks())")
        }
        return end.code
    }

    /// Where its threads stand, if gdb is there to tell.
    private func stacks() -> String {
        let gdb = try? CapturedProcess(
            "/usr/bin/gdb",
            ["-p", String(processID), "-batch", "-nx", "-ex", "thread apply all backtrace 30"])
        guard let output = try? gdb?.wait(seconds: 60).output else { return "(no gdb: no stacks)" }
        return output.split(separator: "\n").filter { $0.hasPrefix("Thread") || $0.hasPrefix("#") }.joined(
            separator: "\n")
    }

    /// For messages: what it said last.
    var lastWords: String { "\(name): \(text.split(separator: "\n").suffix(15).joined(separator: "\n    "))" }
}
