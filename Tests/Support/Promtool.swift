// Prometheus's own tool, which judges what is made for it.

import Foundation

package enum Promtool {
    package struct Verdict {
        package let status: Int32
        package let words: String
    }

    /// - Parameter input: for its standard input.
    package static func run(_ arguments: String..., input: String = "", in folder: String = "") throws -> Verdict {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/promtool")
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root.appending(path: folder)
        let source = Pipe()
        let output = Pipe()
        process.standardInput = source
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // Larger than a pipe may be: written from another thread while the answer is read here.
        Thread { [handle = source.fileHandleForWriting, data = Data(input.utf8)] in
            try? handle.write(contentsOf: data)
            try? handle.close()
        }.start()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Verdict(status: process.terminationStatus, words: words)
    }
}
