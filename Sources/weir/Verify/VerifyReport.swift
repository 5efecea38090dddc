// All that a campaign has to say, for the screen, a JSON file or a page of Markdown.

import Foundation
import WeirBench

struct VerifyReport: Codable {
    struct Recovery: Codable {
        var kind: FaultKind
        var count: Int
        var medianSeconds: Double?
        var longestSeconds: Double?
    }

    var command: String
    var date: String
    var machine: Machine
    var versions: String
    var broker: String
    var database: String
    var setup: String
    var seed: UInt64
    var seconds = 0.0
    var events = 0
    var kills = 0
    var lost = 0
    var double = 0
    var isExact = false
    /// Why it could not be judged, if so.
    var failure: String?
    var counts = Expectation.Counts()
    var checks: [FieldCheck] = []
    var faults: [FaultRecord] = []
    var desertions: [Crew.Desertion] = []
    var recoveries: [Recovery] = []

    var verdict: String { "\(events) events, \(kills) kills, \(lost) lost, \(double) double" }

    mutating func take(_ records: [FaultRecord]) {
        faults = records
        kills = records.count { $0.kind == .kill }
        recoveries = FaultKind.allCases.compactMap { kind in
            let own = records.filter { $0.kind == kind }
            let times = own.compactMap(\.recovery).sorted()
            guard !own.isEmpty else { return nil }
            return Recovery(
                kind: kind, count: own.count, medianSeconds: times.isEmpty ? nil : times[times.count / 2],
                longestSeconds: times.last)
        }
    }

    func write(to path: String) throws {
        if path.hasSuffix(".md") {
            try Data(markdown.utf8).write(to: URL(filePath: path))
        } else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(filePath: path))
        }
    }
}
