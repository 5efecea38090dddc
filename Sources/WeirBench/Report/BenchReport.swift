// All that a command of weir bench has to say: for JSON, and as the page's source.

public import Foundation

public struct BenchReport: Codable, Sendable {
    public struct Entry: Codable, Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Table: Codable, Sendable {
        public var title: String
        public var columns: [String]
        public var rows: [[String]]
        /// What to know before reading it.
        public var note: String

        public init(_ title: String, columns: [String], rows: [[String]], note: String = "") {
            self.title = title
            self.columns = columns
            self.rows = rows
            self.note = note
        }
    }

    public var title: String
    public var mode: String
    /// The command that repeats it.
    public var command: String
    /// In UTC, ISO 8601.
    public var date: String
    /// A sentence each.
    public var verdict: [String]
    /// Versions, machine, settings.
    public var setup: [Entry]
    /// Files as they were.
    public var scenarios: [Entry]
    public var tables: [Table]
    /// What the mode found, by name with its unit: `rate_per_s`.
    public var figures: [String: Double]
    public var runs: [RunResult]
    /// Of a sweep all runs, also those that are in no picture.
    public var probes: [RunResult]?
    public var drains: [Drain]?

    public init(title: String, mode: String, command: String, setup: [Entry], scenarios: [Entry]) {
        self.title = title
        self.mode = mode
        self.command = command
        date = Date().ISO8601Format()
        verdict = []
        self.setup = setup
        self.scenarios = scenarios
        tables = []
        figures = [:]
        runs = []
    }

    /// Any run whose figures must not be used.
    public var refusals: [String] { runs.compactMap { run in run.refusal.map { "\(run.label): \($0)" } } }

    public var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
            let text = String(decoding: try encoder.encode(self), as: UTF8.self)
            return Data((Self.joinPairs(text) + "\n").utf8)
        }
    }

    /// A histogram on one line, not each pair on four: half of a report would be the space before them.
    private static func joinPairs(_ text: String) -> String {
        text.replacing(/\[\s+([0-9]+),\s+([0-9]+)\s+\]/) { "[\($0.1), \($0.2)]" }
            .replacing(/\],\n\s+\[/) { _ in "], [" }
    }

    public static func read(_ data: Data) throws -> BenchReport {
        try JSONDecoder().decode(BenchReport.self, from: data)
    }

    /// What `read` missed: `there is no 'mode'`, `'runs.0.label' is something else`, `it is no JSON`.
    public static func words(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            "'\(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))'"
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "there is no \(place(context.codingPath + [key]))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return context.codingPath.isEmpty ? "it is no object" : "\(place(context.codingPath)) is something else"
        case DecodingError.dataCorrupted(let context):
            return context.codingPath.isEmpty ? "it is no JSON" : "\(place(context.codingPath)) is something else"
        default: return "\(error)"
        }
    }
}
