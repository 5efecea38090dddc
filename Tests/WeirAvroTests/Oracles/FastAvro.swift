// Other implementations as oracles: one process each, asked over pipes.

import Foundation
import WeirAvro
import WeirCore

/// A process that answers questions, with fastavro unless it is told otherwise.
final class FastAvro {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum Answer {
        case value(JSON)
        case refused(String)
    }

    private let process: ChildProcess
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []

    /// The Python of `make setup`; nil where there is none.
    static let python = ProcessInfo.processInfo.environment["WEIR_PYTHON"].flatMap {
        FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
    }

    init(script: String = "fastavro_oracle.py") throws {
        guard let python = FastAvro.python else { throw Failure(description: "no $WEIR_PYTHON") }
        process = try Self.start(python, [Self.place.appending(path: script).path], input, output)
    }

    /// Java's implementation, which answers the same way.
    init(jars: String) throws {
        process = try Self.start(
            "java", ["-cp", "\(jars)/*", Self.place.appending(path: "AvroOracle.java").path], input, output)
    }

    private static let place = URL(filePath: #filePath).deletingLastPathComponent()

    private static func start(
        _ program: String, _ arguments: [String], _ input: Pipe, _ output: Pipe
    ) throws -> ChildProcess {
        let process = try ChildProcess(
            program, arguments, input: .descriptor(input.fileHandleForReading.fileDescriptor),
            output: .descriptor(output.fileHandleForWriting.fileDescriptor))
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        return process
    }

    deinit {
        try? input.fileHandleForWriting.close()
        if process.wait(milliseconds: 10_000) == nil { process.signal(SIGKILL) }
    }

    /// Asks about many cases at once; the answers come in their order.
    func ask(_ question: String, _ cases: [[String: JSON]]) throws -> [Answer] {
        let list = cases.map { members in
            JSON.object([JSON.Member("question", .string(question))] + members.map { JSON.Member($0.key, $0.value) })
        }
        try input.fileHandleForWriting.write(contentsOf: Data((JSON.array(list).compact + "\n").utf8))
        guard case .array(let answers) = try JSON(parsing: line(), source: "fastavro") else {
            throw Failure(description: "fastavro's answer is no list")
        }
        return answers.map { answer in
            answer["value"].map { .value($0) } ?? .refused(answer["error"]?.string ?? "no answer")
        }
    }

    func ask(_ question: String, _ members: [String: JSON]) throws -> Answer {
        guard let answer = try ask(question, [members]).first else { throw Failure(description: "no answer") }
        return answer
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 10) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { throw Failure(description: "fastavro's process ended") }
            pending += data
        }
    }

    // MARK: Values

    /// Whether a value is what fastavro says. Python has one kind of integer and one of float, and no branches.
    static func isSame(_ value: AvroValue, _ json: JSON, _ schema: AvroSchema, _ node: Int) -> Bool {
        switch (value, schema[node].kind, json) {
        case (.union(let branch, let inner), .union(let branches), _):
            return isSame(inner, json, schema, branches[branch])
        case (.null, _, .null): return true
        case (.boolean(let value), _, .boolean(let other)): return value == other
        case (.int(let value), _, .integer(let other)): return Int64(value) == other
        case (.long(let value), _, .integer(let other)): return value == other
        case (.float(let value), _, _):
            guard let other = double(json) else { return false }
            return value == Float(other) || value.isNaN && other.isNaN
        case (.double(let value), _, _):
            guard let other = double(json) else { return false }
            return value == other || value.isNaN && other.isNaN
        case (.bytes(let bytes), _, _), (.fixed(let bytes), _, _): return json["b"]?.string == Hex.digits(bytes)
        case (.string(let text), _, .string(let other)): return Array(text.utf8) == Array(other.utf8)
        case (.enumeration(let index), .enumeration(let symbols, _), .string(let other)):
            return symbols[index] == other
        case (.array(let values), .array(let items), .array(let others)):
            return values.count == others.count
                && zip(values, others).allSatisfy { isSame($0, $1, schema, items) }
        case (.map(let entries), .map(let values), _):
            guard case .object(let members) = json["m"], members.count == entries.count else { return false }
            return entries.allSatisfy { entry in
                members.first { $0.key == entry.key }.map { isSame(entry.value, $0.value, schema, values) } == true
            }
        case (.record(let values), .record(let fields), _):
            guard case .object(let members) = json["m"], members.count == fields.count else { return false }
            let others = Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
            return zip(values, fields).allSatisfy { value, field in
                others[field.name].map { isSame(value, $0, schema, field.type) } == true
            }
        default: return false
        }
    }

    private static func double(_ json: JSON) -> Double? {
        guard let digits = json["f"]?.string, let bits = UInt64(digits, radix: 16) else { return nil }
        return Double(bitPattern: bits)
    }
}
