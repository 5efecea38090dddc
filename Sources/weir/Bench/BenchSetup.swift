// The exact circumstances of a measurement, for its report.

import Foundation
import WeirBench
import WeirKafka
import WeirPostgres

enum BenchSetup {
    static func entries(_ field: Field?, _ scenario: Scenario?) -> [BenchReport.Entry] {
        var entries = [
            BenchReport.Entry("Weir", "\(weirVersion), commit \(commit)"),
            BenchReport.Entry("machine", Machine.this.words),
            BenchReport.Entry("load at the start", loadAverage),
            BenchReport.Entry("clock", MonotonicClock.words),
            BenchReport.Entry("librdkafka", Kafka.libraryVersion),
        ]
        if let field {
            entries.append(BenchReport.Entry("broker", field.servers.brokerWords))
            entries.append(BenchReport.Entry("PostgreSQL", postgres(field)))
            if let weir = field.plan.executable { entries.append(BenchReport.Entry("workers are", weir)) }
        }
        if let scenario {
            entries.append(
                BenchReport.Entry(
                    "in use",
                    "\(scenario.workers) workers, \(scenario.partitions) partitions, "
                        + "\(scenario.plan.rate.rounded(to: 2)) events/s, \(scenario.warmup) s warm-up, \(scenario.duration) s"
                ))
            let sender = scenario.producer.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            entries.append(BenchReport.Entry("sender", sender))
        }
        return entries
    }

    private static var commit: String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "unknown" }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : "unknown"
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
