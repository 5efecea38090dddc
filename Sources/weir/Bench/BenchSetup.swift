// The exact circumstances of a measurement, for its report.

import Foundation
import WeirBench
import WeirKafka
import WeirPostgres

enum BenchSetup {
    /// All of one scenario on one set of servers.
    static func entries(_ field: Field, _ scenario: Scenario, _ use: ScenarioUse = .asItStands) -> [BenchReport.Entry] {
        here + servers(field) + experiment(field, scenario, use)
    }

    /// The machine and the libraries.
    static var here: [BenchReport.Entry] {
        [
            BenchReport.Entry("Weir", BenchBuild.this),
            BenchReport.Entry("machine", Machine.this.words),
            BenchReport.Entry("load at the start", loadAverage),
            BenchReport.Entry("clock", MonotonicClock.words),
            BenchReport.Entry("librdkafka", Kafka.libraryVersion),
        ]
    }

    static func servers(_ field: Field) -> [BenchReport.Entry] {
        [
            BenchReport.Entry("broker", field.servers.brokerWords),
            BenchReport.Entry("PostgreSQL", postgres(field)),
        ]
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
