// The command line that was built beside these tests, run as a process.

import Foundation
import TestSupport

final class WeirProcess {
    struct Outcome: Equatable {
        let status: Int32
        let output: String
        let errors: String
    }

    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private var read: [UInt8] = []

    /// Starts `weir` in the repository's root, without the servers that the environment may name.
    convenience init(_ arguments: String...) throws { try self.init(arguments) }

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        Self.prepare(process, arguments)
        process.environment?.merge(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    static func prepare(_ process: Process, _ arguments: [String]) {
        // Tests and programs are in one folder, whichever it is.
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "weir")
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        process.environment = ProcessInfo.processInfo.environment.filter {
            !["WEIR_POSTGRES", "WEIR_BROKERS", "WEIR_REGISTRY"].contains($0.key) && !$0.key.hasPrefix("WEIR_CONSOLE_")
        }
    }

    /// Waits for its end. For commands that say little: nobody reads the pipes before.
    func wait() -> Outcome {
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: outputSoFar() + text(of: output), errors: text(of: errors))
    }

    /// Waits so long at the most; a process that takes longer is killed.
    func wait(seconds: Int) throws -> Outcome {
        do {
            try waitUntil("weir \(process.arguments ?? []) ends", seconds: seconds) { !process.isRunning }
        } catch {
            kill(process.processIdentifier, SIGKILL)
            throw error
        }
        return wait()
    }

    /// What it has written to standard output so far.
    func outputSoFar() -> String {
        var descriptor = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        var chunk = [UInt8](repeating: 0, count: 4096)
        while poll(&descriptor, 1, 0) > 0 {
            let count = Glibc.read(descriptor.fd, &chunk, chunk.count)
            guard count > 0 else { break }
            read += chunk[..<count]
        }
        return String(decoding: read, as: UTF8.self)
    }

    private func text(of pipe: Pipe) -> String {
        String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}
