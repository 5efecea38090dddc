// Programs that are not ours, for second opinions.

import WeirCore

enum Command {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program of the PATH, or one named by its whole path, and returns what it wrote. It is killed, and a
    /// failure, if it takes longer.
    static func run(_ program: String, _ arguments: String..., seconds: Int = 120) throws -> String {
        let outcome = try CapturedProcess(program, arguments).wait(seconds: seconds)
        guard outcome.end == .status(0) else {
            throw Failure(description: "\(program) ended with \(outcome.end): \(outcome.output)\(outcome.errors)")
        }
        return outcome.output
    }
}
