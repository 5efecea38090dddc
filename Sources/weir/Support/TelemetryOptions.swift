// Where a process sends its telemetry, and how its log reads.

import ArgumentParser
import Foundation
import Logging
import WeirCore
import WeirRuntime
import WeirTelemetry

struct TelemetryOptions: ParsableArguments {
    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        help: ArgumentHelp(
            "Send traces, metrics and log lines to this collector, by OTLP over HTTP: http://localhost:4318. In place of "
                + "OTEL_EXPORTER_OTLP_ENDPOINT; without both nothing is sent.",
            valueName: "url"))
    var otlp: String?

    @Option(help: "How lines of the log read: text for people, json for Loki and the like.")
    var logFormat = LogFormat.text

    @Option(
        help: "Least level to log: trace, debug, info, notice, warning, error, critical.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("there is no level '\(text)'") }
            return level
        })
    var logLevel = Logger.Level.info

    /// Begins to send; nil if nobody asked for it.
    func start() throws(WeirError) -> Telemetry? {
        let environment = ProcessInfo.processInfo.environment
        guard let settings = try OTLPSettings(option: otlp, environment: environment) else { return nil }
        let host = ProcessInfo.processInfo.hostName
        let resource = OTLPResource(
            service: settings.service, version: weirVersion, instance: "\(host)/\(getpid())", host: host)
        return Telemetry(settings, resource: resource, logger: Logger(label: "weir") { lines($0) }) { WallClock.now() }
    }

    /// Writes lines, and sends them to `telemetry`, too.
    func logger(_ telemetry: Telemetry?) -> Logger {
        Logger(label: "weir") { label in
            guard let telemetry else { return lines(label) }
            return MultiplexLogHandler([
                lines(label), TelemetryLog(telemetry, level: logLevel) { WallClock.now() },
            ])
        }
    }

    private func lines(_ label: String) -> any LogHandler {
        switch logFormat {
        case .text: LineLog(label: label, logLevel: logLevel)
        case .json: JSONLog(logLevel: logLevel)
        }
    }
}
