// The command line that was built beside these tests, run as a process.

import Foundation
import TestSupport
import WeirCore

/// Killed at the latest when the value goes away.
final class WeirProcess {
    struct Outcome: Equatable {
        /// Exit code; negative for a signal.
        let status: Int32
        let output: String
        let errors: String
    }

    private let process: CapturedProcess

    /// Starts `weir` in the repository's root, without the servers that the environment may name.
    convenience init(_ arguments: String...) throws { try self.init(arguments) }

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        process = try CapturedProcess(
            Self.program, arguments, environment: Self.environment.merging(environment) { $1 },
            directory: Repository.root.path)
    }

    deinit { signal(SIGKILL) }

    /// Tests and programs are in one folder, whichever it is.
    static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "weir").path

    static let environment = ProcessInfo.processInfo.environment.filter {
        !["WEIR_POSTGRES", "WEIR_BROKERS", "WEIR_REGISTRY"].contains($0.key) && !$0.key.hasPrefix("WEIR_CONSOLE_")
    }

    var id: Int32 { process.child.id }

    func signal(_ number: Int32) { process.child.signal(number) }

    /// Waits for its end, so long at the most: a process that takes longer is killed.
    func wait(seconds: Int = 120) throws -> Outcome {
        let outcome = try process.wait(seconds: seconds)
        return Outcome(status: outcome.end.code, output: outcome.output, errors: outcome.errors)
    }

    /// What it has written to standard output so far.
    func outputSoFar() -> String { process.outputSoFar() }
}
