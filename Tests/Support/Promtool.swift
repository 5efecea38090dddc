// Prometheus's own tool, which judges what is made for it.

import WeirCore

package enum Promtool {
    package struct Verdict {
        package let isGood: Bool
        /// Output and errors.
        package let words: String
    }

    /// - Parameter input: for its standard input.
    package static func run(_ arguments: String..., input: String = "", in folder: String = "") throws -> Verdict {
        let outcome = try CapturedProcess(
            "/usr/bin/promtool", arguments, directory: Repository.path(folder), input: input
        ).wait(seconds: 120)
        return Verdict(isGood: outcome.end == .status(0), words: outcome.output + outcome.errors)
    }
}
