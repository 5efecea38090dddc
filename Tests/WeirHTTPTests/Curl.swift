// curl, as somebody at a terminal would use it.

import WeirCore

enum Curl {
    struct Failure: Error, Equatable {
        let end: ChildProcess.End
        let output: String
    }
}

/// What it prints.
func curl(_ arguments: [String]) throws -> String {
    let outcome = try CapturedProcess("/usr/bin/curl", ["--silent", "--max-time", "20"] + arguments).wait(seconds: 60)
    guard outcome.end == .status(0) else { throw Curl.Failure(end: outcome.end, output: outcome.output) }
    return outcome.output
}

func curl(_ arguments: String...) throws -> String { try curl(arguments) }
