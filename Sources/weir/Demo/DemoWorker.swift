// A worker of the demo: a `weir run` process of its own, so that it can be killed for real.

import Foundation
import Synchronization
import WeirCore

/// Its reports are read on a thread of their own; its log goes to a file.
final class DemoWorker: Sendable {
    let name: String
    let processID: Int32
    private let process: Mutex<Process>
    private let lifeline = Pipe()
    private let latest = Mutex<RunReport?>(nil)
    /// Lags since the last `takeLag`: pairs of microseconds and records.
    private let lags = Mutex<[[UInt64]]>([])

    init(name: String, arguments: [String], environment: [String: String], logFile: String) throws {
        self.name = name
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Nothing is ever written: the pipe ends when the demo does, however it ends, and the worker with it.
        process.standardInput = lifeline
        _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: logFile)
        let output = Pipe()
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw WeirError(.unavailable, "cannot start a worker process: \(error)")
        }
        processID = process.processIdentifier
        self.process = Mutex(process)
        let reading = output.fileHandleForReading.fileDescriptor
        let handle = output.fileHandleForReading
        let thread = Thread { [self] in
            // The handle owns the descriptor: it must live as long as the loop.
            withExtendedLifetime(handle) { read(reading) }
        }
        thread.start()
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    var report: RunReport? { latest.withLock { $0 } }

    func takeLag() -> [[UInt64]] {
        lags.withLock { lags in
            defer { lags = [] }
            return lags
        }
    }

    /// SIGKILL: no goodbye.
    func kill() { Glibc.kill(processID, SIGKILL) }

    /// SIGTERM, and the exit code once it has gone; nil if it does not go in time.
    func stop(seconds: Double) -> Int32? {
        Glibc.kill(processID, SIGTERM)
        let deadline = Date(timeIntervalSinceNow: seconds)
        while isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
        guard !isRunning else {
            kill()
            return nil
        }
        return process.withLock { $0.terminationStatus }
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
                    latest.withLock { $0 = report }
                    lags.withLock { $0 += report.lag }
                }
                pending.removeSubrange(...end)
            }
        }
    }
}
