// What a test asks a worker's console.

import Foundation

struct ConsoleClient {
    /// `127.0.0.1:41234`
    let address: String

    /// Waits until the worker says where it listens.
    init(of worker: WeirWorker) throws {
        var found = ""
        try waitUntil("\(worker.name) says where its console is") {
            guard let match = worker.text.firstMatch(of: /http:\/\/([0-9.]+:[0-9]+)/) else { return false }
            found = String(match.1)
            return true
        }
        address = found
    }

    struct Answer {
        let status: Int
        let text: String
    }

    /// Nil if nobody answers.
    func get(_ path: String, accept: String = "*/*") throws -> Answer? {
        let mark = "\n---status:"
        guard
            let text = try? Command.run(
                "curl", "--silent", "--max-time", "5", "--header", "Accept: \(accept)", "--write-out",
                "\(mark)%{http_code}", "http://\(address)\(path)")
        else { return nil }
        let parts = text.components(separatedBy: mark)
        guard parts.count == 2, let status = Int(parts[1]) else { return nil }
        return Answer(status: status, text: parts[0])
    }

    /// Values of a metric, whatever its labels.
    func values(_ metric: String) throws -> [Double] {
        let text = try get("/metrics")?.text ?? ""
        return text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix(metric + "{") || line.hasPrefix(metric + " ") else { return nil }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
    }
}
