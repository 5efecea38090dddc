// The exact circumstances of a measurement, for its report.

import Foundation
import WeirBench
import WeirKafka
import WeirPostgres

enum BenchSetup {
    static func entries(_ field: Field?, _ scenario: Scenario?) -> [BenchReport.Entry] {
        var entries = [
            BenchReport.Entry("Weir", "\(weirVersion), \(digest("/proc/\(getpid())/exe"))"),
            BenchReport.Entry("machine", Machine.this.words),
            BenchReport.Entry("load at the start", loadAverage),
            BenchReport.Entry("clock", MonotonicClock.words),
            BenchReport.Entry("librdkafka", Kafka.libraryVersion),
        ]
        if let field {
            entries.append(BenchReport.Entry("broker", field.servers.brokerWords))
            entries.append(BenchReport.Entry("PostgreSQL", postgres(field)))
            entries += build(of: field.plan.executable, "workers are")
        }
        if let scenario {
            entries.append(
                BenchReport.Entry(
                    "in use",
                    "\(scenario.workers) workers, \(scenario.partitions) partitions, "
                        + "\(scenario.plan.mean.rounded(to: 2)) events/s, \(scenario.warmup) s warm-up, \(scenario.duration) s"
                ))
            let sender = scenario.producer.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            entries.append(BenchReport.Entry("sender", sender))
            // Of the files beside the scenario, that is. What is measured may be of any other: its digest tells it.
            let folder = URL(filePath: scenario.file).deletingLastPathComponent().path
            let commit = output("git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=10")
            entries.append(BenchReport.Entry("scenario folder's commit", commit ?? "none"))
        }
        return entries
    }

    /// What another build says of itself; nothing for this one.
    static func build(of executable: String?, _ name: String) -> [BenchReport.Entry] {
        guard let executable else { return [] }
        let version = output(executable, "--version") ?? "of an unknown version"
        return [BenchReport.Entry(name, "\(executable), \(version), \(digest(executable))")]
    }

    /// By it a build can be told from others for certain, which a folder's commit does not.
    private static func digest(_ file: String) -> String {
        (output("sha256sum", "--", file)?.prefix(16)).map { "sha256 \($0)…" } ?? "without a digest"
    }

    /// The first line that a command prints; nil if it fails.
    private static func output(_ words: String...) -> String? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.split(separator: "\n").first.map(String.init) : nil
    }

    private static var loadAverage: String {
        (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first.map(String.init)
            ?? "unknown"
    }

    private static func postgres(_ field: Field) -> String {
        guard let connection = try? field.openDatabase().connection,
            let rows = try? connection.query(
                """
                SELECT current_setting('server_version'), current_setting('fsync'),
                    current_setting('synchronous_commit'), current_setting('shared_buffers')
                """)
        else { return field.servers.databaseWords }
        return "\(rows.text(0, 0)), fsync \(rows.text(0, 1)), synchronous_commit \(rows.text(0, 2)), shared_buffers "
            + "\(rows.text(0, 3)); \(field.servers.databaseWords)"
    }
}
