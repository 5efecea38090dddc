// A worker to experiment with: a `weir run` process of its own, so that it can be killed for real.

import Foundation
import Synchronization
import WeirCore

/// Its reports are read on a thread of their own; its log goes to a file.
final class FieldWorker: Sendable {
    let name: String
    let logFile: String
    private let process: ChildProcess
    /// Nothing is ever written: the pipe ends when this process does, however it ends, and the worker with it.
    private let lifeline: FileHandle
    private let latest = Mutex<(report: RunReport, time: ContinuousClock.Instant)?>(nil)
    /// Lags since the last `takeLag`: pairs of microseconds and records.
    private let lags = Mutex<[[UInt64]]>([])

    /// - Parameter executable: a `weir`; nil is this one.
    init(
        name: String, arguments: [String], environment: [String: String], logFile: String, executable: String? = nil
    ) throws {
        self.name = name
        self.logFile = logFile
        _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        let log = FileHandle(forWritingAtPath: logFile)
        let (input, output) = (Pipe(), Pipe())
        lifeline = input.fileHandleForWriting
        process = try ChildProcess(
            URL(filePath: executable ?? "/proc/self/exe").resolvingSymlinksInPath().path(percentEncoded: false),
            arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            input: .descriptor(input.fileHandleForReading.fileDescriptor),
            output: .descriptor(output.fileHandleForWriting.fileDescriptor),
            errors: log.map { .descriptor($0.fileDescriptor) } ?? .nothing)
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        try log?.close()
        let handle = output.fileHandleForReading
        let reading = handle.fileDescriptor
        let thread = Thread { [self] in
            // The handle owns the descriptor: it must live as long as the loop.
            withExtendedLifetime(handle) { read(reading) }
        }
        thread.start()
    }

    var processID: Int32 { process.id }

    var isRunning: Bool { process.isRunning }

    var report: RunReport? { latest.withLock { $0?.report } }

    /// The latest report, unless it is older than `time`.
    func report(since time: ContinuousClock.Instant) -> RunReport? {
        latest.withLock { $0.flatMap { $0.time > time ? $0.report : nil } }
    }

    func takeLag() -> [[UInt64]] {
        lags.withLock { lags in
            defer { lags = [] }
            return lags
        }
    }

    /// How it ended; nil while it runs.
    var end: ChildProcess.End? { process.end }

    /// The end of its log.
    var lastWords: String { String(((try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "").suffix(2000)) }

    /// SIGKILL is no goodbye; SIGSTOP lets it stand still until SIGCONT.
    func signal(_ number: Int32) { process.signal(number) }

    /// SIGTERM, also to one that stands still. A second one would end it at once.
    func askToStop() {
        signal(SIGTERM)
        signal(SIGCONT)
    }

    /// How it ended; if it does not in time it is killed, and the answer is nil.
    @discardableResult
    func waitForEnd(seconds: Int) -> ChildProcess.End? {
        if let end = process.wait(milliseconds: seconds * 1000) { return end }
        signal(SIGKILL)
        return nil
    }

    private func read(_ descriptor: Int32) {
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return }
            pending += chunk[..<count]
            while let end = pending.firstIndex(of: 10) {
                if let report = try? JSONDecoder().decode(RunReport.self, from: Data(pending[..<end])) {
                    latest.withLock { $0 = (report, .now) }
                    lags.withLock { $0 += report.lag }
                }
                pending.removeSubrange(...end)
            }
        }
    }
}
