// The campaign that anybody can run: `weir verify`, in short, and that it sees what it is there to see.

import Foundation
import TestSupport
import Testing

struct VerifyTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            let name: String
            let holds: Bool
        }
        struct Fault: Decodable {
            let kind: String
            let recovery: Double?
        }
        let events: Int
        let kills: Int
        let lost: Int
        let double: Int
        let isExact: Bool
        let checks: [Check]
        let faults: [Fault]

        var wrong: Set<String> { Set(checks.filter { !$0.holds }.map(\.name)) }
    }

    /// - Returns: what it said, and its report.
    private func verify(_ arguments: String...) throws -> (WeirProcess.Outcome, Report) {
        let file = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try WeirProcess(
            ["verify", "--session-timeout", "3500ms", "--report", file.path] + arguments
        ).wait(seconds: 240)
        // What it keeps for whoever looks into a wrong result.
        for line in outcome.output.split(separator: "\n") where line.hasPrefix("kept: logs in ") {
            try FileManager.default.removeItem(atPath: String(line.dropFirst("kept: logs in ".count)))
        }
        return (outcome, try JSONDecoder().decode(Report.self, from: Data(contentsOf: file)))
    }

    @Test func workersKilledAtRandomLoseAndRepeatNothing() throws {
        let seed = Dice().seed
        let (outcome, report) = try verify("--kills", "4", "--seed", "\(seed)")
        #expect(outcome.status == 0, "WEIR_TEST_SEED=\(seed): \(outcome)")
        #expect(report.isExact && report.wrong.isEmpty && report.checks.count > 15)
        #expect(report.kills == 4 && report.faults.count { $0.kind == "kill" } == 4)
        #expect(Set(report.faults.map(\.kind)) == ["kill", "freeze", "restart", "cut"])
        #expect(report.faults.allSatisfy { $0.recovery != nil })
        #expect(report.events > 10_000)
        #expect(outcome.output.contains("\n\(report.events) events, 4 kills, 0 lost, 0 double\n"), "\(outcome)")
    }

    /// New owners begin too late, and know no keys: a worker that goes on for ever shows neither, one that dies shows
    /// both.
    @Test func aDatabaseThatBreaksTheProtocolIsFoundOut() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: Repository.path("deploy/postgres/migrations"), toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let last = try FileManager.default.contentsOfDirectory(atPath: folder.path).count
        let name = String(repeating: "0", count: 4 - "\(last + 1)".count) + "\(last + 1)_broken.sql"
        try FileManager.default.copyItem(
            atPath: Repository.path("Tests/Integration/Support/broken.sql"),
            toPath: folder.appending(path: name).path)
        let (outcome, report) = try verify("--kills", "2", "--only-kills", "--migrations", folder.path)
        #expect(outcome.status == 70, "\(outcome)")
        #expect(!report.isExact && report.lost > 0 && report.double > 0, "\(outcome)")
        #expect(
            report.wrong.isSuperset(of: [
                "events billed", "repeats dropped", "windows in PostgreSQL", "windows on the topic",
                "offsets accounted for", "every commit adds up", "epochs only grow", "a key for each event",
            ]), "\(report.wrong)")
        // The numbers of one do not contradict the other.
        #expect(!report.wrong.contains("revisions published") && !report.wrong.contains("meters add up"))
        #expect(
            outcome.output.contains(
                "\n\(report.events) events, 2 kills, \(report.lost) lost, \(report.double) double\n"), "\(outcome)")
        #expect(outcome.errors.contains("--seed "), "\(outcome)")
    }
}
