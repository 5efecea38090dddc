// What weir bench refuses before it starts anything, and what it leaves behind when it is stopped.

import Foundation
import TestSupport
import Testing
import WeirBench
import WeirCore

struct BenchUsageTests {
    private static let scenario = """
        scenario: small
        topology: topologies/billing-usage.yaml
        partitions: 2
        rate: { per_second: 200 }

        """

    /// In a folder of its own, which is also the commands' place for temporary files.
    private func withFolder(_ body: (_ folder: URL, _ scenario: String) throws -> Void) throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "weir-bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A server that runs as another user has to get through.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "small.yaml").path
        try Self.scenario.write(toFile: file, atomically: true, encoding: .utf8)
        try body(folder, file)
    }

    @Test func whatCannotBeRunIsRefusedBeforeAnythingStarts() throws {
        try withFolder { folder, scenario in
            // The report's page cannot be written where a folder is, though its JSON can.
            let taken = folder.appending(path: "taken").path
            try FileManager.default.createDirectory(atPath: taken + ".html", withIntermediateDirectories: true)
            let group = ["lag", "--group", "g", "--topic", "t", "--brokers", "h:1"]
            for (arguments, words) in [
                (["run", scenario, "--duration", "0s"], "--duration 0s is out of range: 1s to 7d"),
                (["run", scenario, "--rate", "1e10"], "--rate 10000000000 is out of range: 0.01 to 10000000"),
                (["run", scenario, "--rate", "1e300"], "--rate 1e+300 is out of range"),
                (["sweep", scenario, "--from", "0"], "--from 0 is out of range: 1 to 10000000"),
                (["sweep", scenario, "--from", "1e12"], "--from 1000000000000 is out of range"),
                (["compare", scenario, "--weir-b", "/nosuch"], "--weir-b /nosuch: No such file or directory"),
                (["run", scenario, "--weir", "/nosuch"], "--weir /nosuch: No such file or directory"),
                (
                    ["run", scenario, "--out", "/nosuch/x"],
                    "--out /nosuch/x: cannot write /nosuch/x.json: No such file or directory"
                ),
                (["run", scenario, "--out", taken], "--out \(taken): cannot write \(taken).html: Is a directory"),
                (["run", scenario, "--duration", "5"], "--duration 5: expected a time with a unit"),
                (["sweep", scenario, "--precision", "0"], "--precision takes a share from 0.01 to 0.5"),
                (["sweep", scenario, "--repeats", "21"], "--repeats takes a number from 0 to 20"),
                (["drain", scenario, "--events", "0"], "--events takes a number from 1 on"),
                (group + ["--duration", "0s"], "--duration 0s is out of range"),
                (group + ["--patience", "0s"], "--patience 0s is out of range"),
                (group + ["--objective", "0s"], "--objective 0s is out of range"),
            ] {
                let outcome = try WeirProcess(["bench"] + arguments, environment: ["TMPDIR": folder.path])
                    .wait(seconds: 60)
                #expect(outcome.status == ExitStatus.usage.rawValue, "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
                #expect(outcome.output == "", "\(arguments)")
            }
        }
    }

    /// With the scenario's own line, before there is any server.
    @Test func whatAScenarioNamesInVainIsToldWithItsLine() throws {
        try withFolder { folder, _ in
            let trace = folder.appending(path: "trace.csv").path
            try "TIMESTAMP\n2023-11-16 18:15:46\n2023-11-16 18:15:47\n".write(
                toFile: trace, atomically: true, encoding: .utf8)
            let file = folder.appending(path: "wrong.yaml").path
            for (mode, text, words, status) in [
                (
                    "run", "topology: nosuch.yaml\nrate: { per_second: 1 }",
                    "2:11: there is no topology file nosuch.yaml", 65
                ),
                (
                    "run", "topology: topologies/billing-usage.yaml\nschemas: nosuch\nrate: { per_second: 1 }",
                    "3:10: there is no folder of schemas nosuch", 65
                ),
                (
                    "run", "topology: topologies/billing-usage.yaml\nkafka: [bogus=1]\nrate: { per_second: 1 }",
                    "3:9: an entry of kafka is not taken by librdkafka: 'bogus=1'", 65
                ),
                (
                    "sweep", "topology: topologies/billing-usage.yaml\nrate: { shape: trace, file: \(trace) }",
                    "3:7: a trace has its own rate, and a sweep needs others", 64
                ),
            ] {
                try "scenario: x\n\(text)\n".write(toFile: file, atomically: true, encoding: .utf8)
                let outcome = try WeirProcess(["bench", mode, file], environment: ["TMPDIR": folder.path])
                    .wait(seconds: 60)
                #expect(outcome.status == Int32(status), "\(outcome)")
                #expect(outcome.errors.contains("\(file):\(words)"), "\(outcome.errors)")
                #expect(outcome.output == "", "\(outcome.output)")
            }
        }
    }

    /// All that is to be written, also what only some modes write.
    @Test func eachFileIsTriedBeforeTheWork() throws {
        try withFolder { folder, scenario in
            let out = folder.appending(path: "r").path
            for (mode, file) in [
                (["run", scenario], "r.hgrm"),
                (["recover", "bench/scenarios/w1-kill.yaml", "--runs", "2"], "r.run-2.hgrm"),
                (["compare", scenario, scenario, "--pairs", "3"], "r.B-3.hgrm"),
            ] {
                let place = folder.appending(path: file).path
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
                let outcome = try WeirProcess(["bench"] + mode + ["--out", out]).wait(seconds: 60)
                #expect(outcome.status == ExitStatus.usage.rawValue, "\(outcome)")
                #expect(
                    outcome.errors.contains("--out \(out): cannot write \(place): Is a directory"), "\(outcome.errors)")
                #expect(outcome.output == "")
                try FileManager.default.removeItem(atPath: place)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["small.yaml"])
            }
        }
    }

    /// Somebody's other file among the reports is named and left out; if there is nothing else, nothing is written.
    @Test func whatIsNoReportIsNamed() throws {
        try withFolder { folder, scenario in
            let page = folder.appending(path: "page.html").path
            var outcome = try WeirProcess("bench", "page", scenario, "--html", page).wait(seconds: 60)
            #expect(outcome.status == ExitStatus.badData.rawValue)
            #expect(outcome.errors.contains("\(scenario) is no report of this version of weir bench (it is no JSON)"))
            #expect(outcome.errors.contains("Nothing was written."))
            outcome = try WeirProcess("bench", "page", "/nosuch", "--html", page).wait(seconds: 60)
            #expect(outcome.status == ExitStatus.usage.rawValue)
            #expect(outcome.errors.contains("/nosuch cannot be read; nothing was written"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["small.yaml"])

            let report = BenchReport(title: "One that is", mode: "run", command: "c", setup: [], scenarios: [])
            let file = folder.appending(path: "report.json").path
            try report.json.write(to: URL(filePath: file))
            outcome = try WeirProcess("bench", "page", scenario, file, "--html", page).wait(seconds: 60)
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("Left out: \(scenario) is no report"))
            let text = try String(contentsOfFile: page, encoding: .utf8)
            #expect(text.contains("One that is") && text.contains("Left out: \(scenario) is no report"))
        }
    }

    /// The mock broker cannot delete: what stays there is told at once, in a line.
    @Test func whatStaysOnTheBrokerIsTold() throws {
        try withFolder { folder, scenario in
            let port = folder.appending(path: "port").path
            let broker = try WeirProcess("broker", "--port-file", port)
            defer { broker.signal(SIGTERM) }
            try waitUntil("it takes connections") { FileManager.default.fileExists(atPath: port) }
            let address = try String(contentsOfFile: port, encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let outcome = try WeirProcess(
                "bench", "run", scenario, "--warmup", "0s", "--duration", "1s", "--brokers", address
            ).wait(seconds: 120)
            // Three sources, their dead letters, the results, and the lag.
            #expect(
                outcome.errors.contains(
                    /8 topics that end in \.bench-[0-9a-z]+ stay on [0-9.:]+ until it ends: it is librdkafka's mock broker/
                ),
                "\(outcome)")
            #expect(!outcome.errors.contains("Timed out"))
        }
    }

    /// The place is there at the beginning and gone at the end: what was found is printed all the same.
    @Test func whatWasFoundIsToldThoughItCannotBeWritten() throws {
        try withFolder { folder, scenario in
            let out = folder.appending(path: "out")
            try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
            let process = try WeirProcess(
                "bench", "run", scenario, "--warmup", "0s", "--duration", "2s", "--out", out.appending(path: "x").path)
            try waitUntil("it has begun") { process.outputSoFar().contains("migrations") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: out.path) == [])
            try FileManager.default.removeItem(at: out)
            let outcome = try process.wait(seconds: 120)
            #expect(outcome.output.contains("small: "), "\(outcome)")
            #expect(outcome.errors.contains("cannot write \(out.path)/x.json: No such file or directory"))
            // Refused, if the machine was busy, weighs more.
            #expect([ExitStatus.usage, .badData].map(\.rawValue).contains(outcome.status))
            #expect((outcome.status == ExitStatus.badData.rawValue) == outcome.errors.contains("refused"))
        }
    }

    /// A terminal that is closed stops it in order, as Ctrl-C does.
    @Test func aHangupLeavesNothingBehind() throws {
        try withFolder { folder, scenario in
            let process = try WeirProcess(["bench", "run", scenario], environment: ["TMPDIR": folder.path])
            try waitUntil("a worker runs") { process.outputSoFar().contains("sent") }
            process.signal(SIGHUP)
            let outcome = try process.wait(seconds: 60)
            #expect(outcome.status == ExitStatus.unavailable.rawValue, "\(outcome)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["small.yaml"])
        }
    }

    /// What nohup ignores stays ignored.
    @Test func anIgnoredHangupStaysIgnored() throws {
        try withFolder { folder, _ in
            let port = folder.appending(path: "port").path
            let process = try ChildProcess(
                "nohup", [WeirProcess.program, "broker", "--port-file", port], environment: WeirProcess.environment,
                directory: Repository.root.path, output: .nothing, errors: .nothing)
            defer { process.signal(SIGKILL) }
            try waitUntil("it takes connections") { FileManager.default.fileExists(atPath: port) }
            process.signal(SIGHUP)
            Thread.sleep(forTimeInterval: 0.5)
            #expect(process.isRunning)
            process.signal(SIGTERM)
            #expect(process.wait(milliseconds: 60_000) == .status(0))
        }
    }
}
