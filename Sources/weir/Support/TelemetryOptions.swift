// Where a process sends its telemetry, and how its log reads.

import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Tracing
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

    /// Sets up what code in this process says things through: swift-log, swift-metrics and swift-distributed-tracing.
    /// Once, before anybody does.
    ///
    /// - Parameters:
    ///   - telemetry: takes spans, and lines beside those that are written; without it there are no spans.
    ///   - metrics: are on the process's page.
    /// - Returns: Weir's own.
    func bootstrap(_ telemetry: Telemetry?, _ metrics: FacadeMetrics?) -> Logger {
        LoggingSystem.bootstrap(
            { label, provider in
                var handlers = [lines(label)]
                if let telemetry { handlers.append(TelemetryLog(telemetry, level: logLevel) { WallClock.now() }) }
                var all = MultiplexLogHandler(handlers)
                all.metadataProvider = provider
                return all
            }, metadataProvider: .spanIDs)
        if let metrics { MetricsSystem.bootstrap(metrics) }
        if let telemetry { InstrumentationSystem.bootstrap(OTLPTracer(telemetry)) }
        return Logger(label: "weir")
    }

    private func lines(_ label: String) -> any LogHandler {
        switch logFormat {
        case .text: LineLog(label: label, logLevel: logLevel)
        case .json: JSONLog(logLevel: logLevel)
        }
    }
}
