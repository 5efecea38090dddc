// A real Prometheus that scrapes what a test starts, with the project's own rules.

import Foundation
import TestSupport
import WeirCore

/// Scrapes every second. Ends with the value, or with the tests.
final class PrometheusServer {
    private let process: ChildProcess
    private let folder: URL
    private let address: String

    /// - Parameter targets: `host:port` of what is scraped, as job `weir`.
    init(targets: [String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "weir-prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rules = ["weir-rules.yaml", "weir-alerts.yaml"].map { "'\(Repository.path("deploy/prometheus/\($0)"))'" }
        let configuration = """
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [\(rules.joined(separator: ", "))]
            scrape_configs:
              - job_name: weir
                static_configs: [{ targets: [\(targets.map { "'\($0)'" }.joined(separator: ", "))] }]
            """
        let file = folder.appending(path: "prometheus.yaml")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        let log = folder.appending(path: "log")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        process = try ChildProcess(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:0", "--enable-feature=exemplar-storage",
            ], output: .descriptor(output.fileDescriptor), errors: .descriptor(output.fileDescriptor))
        try output.close()
        Leash.tie(process)
        var found = ""
        try waitUntil("Prometheus listens") {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            guard let match = text.firstMatch(of: /msg="Listening on" address=(\S+)/) else { return false }
            found = String(match.1)
            return true
        }
        address = found
    }

    deinit {
        process.signal(SIGTERM)
        _ = process.wait(milliseconds: 30_000)
        Leash.end(process)
        try? FileManager.default.removeItem(at: folder)
    }

    struct Sample: Decodable {
        let metric: [String: String]
        let value: Double

        enum CodingKeys: CodingKey { case metric, value }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            metric = try container.decode([String: String].self, forKey: .metric)
            var pair = try container.nestedUnkeyedContainer(forKey: .value)
            _ = try pair.decode(Double.self)
            value = Double(try pair.decode(String.self)) ?? .nan
        }
    }

    private struct Answer: Decodable {
        struct Results: Decodable {
            let result: [Sample]
        }
        let data: Results
    }

    /// An instant vector.
    ///
    /// - Parameter time: seconds since 1970; nil for now. One that is yet to come has what is known by now in its windows.
    func query(_ expression: String, at time: Double? = nil) throws -> [Sample] {
        let text = try Command.run(
            "curl", "--silent", "--fail", "--max-time", "10", "--get", "--data-urlencode", "query=\(expression)",
            "--data", time.map { "time=\($0)" } ?? "", "http://\(address)/api/v1/query")
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).data.result
    }

    struct Exemplar: Decodable {
        let labels: [String: String]
        let value: String
    }

    private struct ExemplarAnswer: Decodable {
        struct Series: Decodable {
            let seriesLabels: [String: String]
            let exemplars: [Exemplar]
        }
        let data: [Series]
    }

    /// What it has kept of a metric's exemplars in the last hour, each with the labels of its series.
    func exemplars(of metric: String) throws -> [(series: [String: String], exemplar: Exemplar)] {
        let now = Date().timeIntervalSince1970
        let text = try Command.run(
            "curl", "--silent", "--fail", "--max-time", "10", "--get", "--data-urlencode", "query=\(metric)", "--data",
            "start=\(now - 3600)&end=\(now + 60)", "http://\(address)/api/v1/query_exemplars")
        return try JSONDecoder().decode(ExemplarAnswer.self, from: Data(text.utf8)).data.flatMap { series in
            series.exemplars.map { (series.seriesLabels, $0) }
        }
    }

    /// Of an expression with one result; nil without any.
    func number(_ expression: String, at time: Double? = nil) throws -> Double? {
        try query(expression, at: time).first?.value
    }

    /// Names of the alerts that fire now.
    func firing() throws -> Set<String> {
        try Set(query(#"ALERTS{alertstate="firing"}"#).compactMap { $0.metric["alertname"] })
    }
}
