// curl, as somebody at a terminal would use it.

import Foundation

enum Curl {
    struct Failure: Error, Equatable {
        let code: Int32
        let output: String
    }
}

/// What it prints.
func curl(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/curl")
    process.arguments = ["--silent", "--max-time", "20"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Curl.Failure(code: process.terminationStatus, output: output)
    }
    return output
}

func curl(_ arguments: String...) throws -> String { try curl(arguments) }
