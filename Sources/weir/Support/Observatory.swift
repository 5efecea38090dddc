// What a running process tells over HTTP: metrics and health.

import Synchronization
import WeirHTTP
import WeirKafka
import WeirObserve
import WeirRuntime
import WeirTelemetry

/// Answers from the moment it is made, also while the topologies are still starting.
final class Observatory: Sendable {
    private struct State {
        var supervisors: [Supervisor] = []
        var starting: String? = "starting"
        var isDraining = false
        var exports: (@Sendable () -> [(signal: String, counts: ExportCounts)])?
    }

    /// What libraries, and Weir's own edges, say through swift-metrics.
    let facade = FacadeMetrics()
    private let state = Mutex(State())
    /// Age of the oldest record that `/readyz` still takes, in microseconds.
    private let lagLimit: Int64

    init(lagLimit: Int64) { self.lagLimit = lagLimit }

    // MARK: What the process is told

    /// - Parameter reason: what is waited for, in words.
    func starts(_ reason: String) { state.withLock { $0.starting = reason } }

    func runs(_ supervisors: [Supervisor]) {
        state.withLock { state in
            state.supervisors = supervisors
            state.starting = nil
        }
    }

    /// - Parameter counts: what became of telemetry that is sent elsewhere.
    func exports(_ counts: @escaping @Sendable () -> [(signal: String, counts: ExportCounts)]) {
        state.withLock { $0.exports = counts }
    }

    func drains() { state.withLock { $0.isDraining = true } }

    // MARK: What it tells

    var process: ProcessState {
        let (supervisors, starting, isDraining) = state.withLock { ($0.supervisors, $0.starting, $0.isDraining) }
        return ProcessState(starting: starting, isDraining: isDraining, topologies: supervisors.map(\.status))
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(status: 405, type: Self.plain, text: "only GET and HEAD\n")
        }
        switch request.path {
        case ["metrics"]: return metrics(accept: request.headers["accept"])
        case ["livez"]:
            let report = HealthReport.live(process, monotonic: WallClock.monotonic())
            return answer(report, "alive", "not alive")
        case ["startupz"]: return answer(HealthReport.started(process), "started", "not started")
        case ["readyz"]: return answer(readiness(of: process), "ready", "not ready")
        default:
            return HTTPResponse(
                status: 404, type: Self.plain, text: "there are /, /status.json, /metrics, /livez, /startupz, /readyz\n"
            )
        }
    }

    private func readiness(of process: ProcessState) -> HealthReport {
        HealthReport.ready(process, now: WallClock.now(), lagLimit: lagLimit)
    }

    private func answer(_ report: HealthReport, _ good: String, _ bad: String) -> HTTPResponse {
        HTTPResponse(status: report.httpStatus, type: Self.plain, text: report.text(good, bad))
    }

    private func metrics(accept: String?) -> HTTPResponse {
        let format = MetricPage.Format(accepting: accept)
        return HTTPResponse(status: 200, type: format.contentType, bytes: page.encoded(format))
    }

    /// All metrics, now.
    var page: MetricPage {
        let process = process
        var page = MetricPage()
        page.add(
            version: weirVersion, librdkafka: Kafka.libraryVersion, isReady: readiness(of: process).isGood,
            usage: ProcessUsage.now())
        for topology in process.topologies { page.add(topology, at: WallClock.now()) }
        if let exports = state.withLock({ $0.exports }) { page.add(exports: exports()) }
        facade.tell(&page)
        return page
    }

    private static let plain = "text/plain; charset=utf-8"
}
