// The benchmark as a command: it measures a real worker, and refuses what a starved generator measured.

import Foundation
import Testing
import WeirBench
import WeirCore

/// In the phase of what measures time (Makefile).
@Suite(.serialized) struct BenchTests {
    private static let scenario = """
        scenario: small
        topology: topologies/billing-usage.yaml
        partitions: 2
        warmup: 1s
        rate: { per_second: 200 }
        events: { poison: 0.01 }

        """

    /// The report of a run of the small scenario, and how the command ended.
    private func bench(
        seconds: Int, more: String = "", _ meanwhile: (WeirProcess) throws -> Void = { _ in }
    ) throws -> (report: BenchReport, outcome: WeirProcess.Outcome, page: String) {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "weir-bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "small.yaml")
        try (Self.scenario + more).write(to: file, atomically: true, encoding: .utf8)
        let process = try WeirProcess(
            "bench", "run", file.path, "--out", folder.appending(path: "out").path, "--duration", "\(seconds)s")
        try meanwhile(process)
        let outcome = try process.wait(seconds: 120)
        let data = try Data(contentsOf: folder.appending(path: "out.json"))
        let page = try String(contentsOf: folder.appending(path: "out.html"), encoding: .utf8)
        return (try BenchReport.read(data), outcome, page)
    }

    @Test func aWorkerIsMeasuredFromOutside() throws {
        var (report, outcome, page) = try bench(seconds: 5)
        // A refused result is measured again, as whoever meets one would.
        for _ in 1...4 where outcome.status == ExitStatus.badData.rawValue {
            (report, outcome, page) = try bench(seconds: 5)
        }
        let run = try #require(report.runs.first)
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        #expect(run.load.sending.scheduled == 1000)
        #expect(run.load.durable.recorded == 1000)
        #expect(run.load.durable.failures == 0)
        #expect(run.wrong == [])
        #expect(run.processes.map(\.name) == ["weir", "PostgreSQL", "broker", "bench"])
        #expect(run.processes.allSatisfy { $0.cpuSeconds > 0 })
        // Each new event's result was seen, later than its commit.
        let visible = try #require(run.visible)
        #expect(visible.failures == 0)
        #expect((900..<1000).contains(visible.recorded))
        #expect(try #require(visible.p50) > #require(run.load.durable.p50))
        // What was measured can be made again from the report.
        let setup = Dictionary(uniqueKeysWithValues: report.setup.map { ($0.name, $0.value) })
        #expect(setup["Weir"]?.contains(/, sha256 [0-9a-f]{16}…, commit (unknown: |[0-9a-f]{10})/) == true)
        #expect(setup["in use"]?.hasPrefix("1 worker, 2 partitions of each topic, 200 events a second, 1 s of") == true)
        #expect(setup["workers' Kafka settings"]?.contains("session.timeout.ms=6000") == true)
        #expect(setup["schemas"]?.contains("schemas: ai.analysis.v1 1") == true)
        #expect(report.scenarios.map(\.value).contains { $0.contains("topology: billing-usage") })
        // The page stands alone.
        #expect(page.contains("<svg") && !page.contains("src=") && !page.contains("http"))
    }

    /// Among planned faults one that nobody planned is easily missed: it is told, and the figures are refused.
    @Test func aWorkerThatDiesByItselfRefusesTheResult() throws {
        let fault = "faults: [{ at: 2s, kind: delay_broker, delay: 1ms, for: 100ms }]\n"
        let (report, outcome, page) = try bench(seconds: 10, more: fault) { process in
            try waitUntil("the run counts", seconds: 60) { process.outputSoFar().contains(", counts") }
            let id = process.id
            let children = try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
            let workers = children.split(separator: " ").compactMap { Int32($0) }.filter { child in
                let words = (try? String(contentsOfFile: "/proc/\(child)/cmdline", encoding: .utf8)) ?? ""
                return words.contains("\0run\0")
            }
            #expect(workers.count == 1)
            for worker in workers { kill(worker, SIGKILL) }
        }
        #expect(outcome.status == ExitStatus.badData.rawValue, "\(outcome.output)\n\(outcome.errors)")
        #expect(outcome.errors.contains("worker 1 ended by itself with signal 9"), "\(outcome.errors)")
        #expect(try #require(report.runs.first).crashes?.count == 1)
        #expect(page.contains("ended by itself"))
        // Somebody took its place: nothing is lost.
        #expect(report.runs.first?.wrong == [])
    }

    /// For one of the ten seconds that count the generator stands still: a tenth of its sends is late.
    @Test func starvedGeneratorRefusesItsResult() throws {
        let (report, outcome, _) = try bench(seconds: 10) { process in
            let id = process.id
            // The line that says so comes every five seconds: half of the time is left.
            try waitUntil("the run counts", seconds: 60) { process.outputSoFar().contains(", counts") }
            kill(id, SIGSTOP)
            Thread.sleep(forTimeInterval: 1)
            kill(id, SIGCONT)
        }
        let run = try #require(report.runs.first)
        #expect(outcome.status == ExitStatus.badData.rawValue, "\(outcome.output)\n\(outcome.errors)")
        #expect(outcome.errors.contains("refused"))
        #expect(run.refusal?.contains("fell behind") == true)
        #expect(run.load.sending.late >= 150, "\(run.load.sending.late)")
        #expect(run.load.sending.worstLatenessMs > 900)
        // What was late is in the lags all the same.
        #expect(run.load.durable.max ?? 0 > 900)
    }
}
