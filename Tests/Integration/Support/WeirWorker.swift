// A `weir run` process of a test: started, watched, stopped or killed.

import Foundation

/// Its log goes to a file. It is killed at the latest when the value goes away or the tests end.
final class WeirWorker {
    let name: String
    private let process = Process()
    private let log: URL

    init(name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        self.name = name
        log = FileManager.default.temporaryDirectory.appending(path: "weir-worker-\(UUID().uuidString).log")
        try Data().write(to: log)
        WeirProcess.prepare(process, arguments)
        process.environment?.merge(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try output.close()
        Leash.tie(process.processIdentifier)
    }

    deinit {
        if isRunning {
            kill()
            process.waitUntilExit()
        }
        Leash.untie(process.processIdentifier)
        try? FileManager.default.removeItem(at: log)
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Exit status, or the signal's number; meaningful once it has ended.
    var status: Int32 { process.terminationStatus }

    /// Whether it ended by a signal and not by itself.
    var diedOfSignal: Bool { process.terminationReason == .uncaughtSignal }

    /// Memory that it has now, in KiB; nil once it has ended.
    var residentMemory: Int? {
        let status = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) }
    }

    /// All that it said so far.
    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// SIGKILL: no goodbye.
    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// SIGSTOP: it stands still, as in a long pause of its machine, until `resume`.
    func suspend() { Glibc.kill(process.processIdentifier, SIGSTOP) }

    func resume() { Glibc.kill(process.processIdentifier, SIGCONT) }

    /// Asks it to stop; see `waitForEnd`.
    func terminate() { Glibc.kill(process.processIdentifier, SIGTERM) }

    /// - Returns: the exit status.
    @discardableResult
    func waitForEnd(seconds: Int = 60) throws -> Int32 {
        do {
            try waitUntil("worker \(name) ends", seconds: seconds) { !isRunning }
        } catch let error as WaitTimeout {
            throw WaitTimeout(description: "\(error)\n\(lastWords)")
        }
        return status
    }

    /// For messages: what it said last.
    var lastWords: String { "\(name): \(text.split(separator: "\n").suffix(15).joined(separator: "\n    "))" }
}
