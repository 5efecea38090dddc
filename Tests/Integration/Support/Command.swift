// Programs that are not ours, for second opinions.

import Foundation

enum Command {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program of the PATH, or one named by its whole path, and returns what it wrote.
    static func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) ended with \(process.terminationStatus): \(text)")
        }
        return text
    }
}
