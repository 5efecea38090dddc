// Requests to the console's address, as telemetry: a count of all, and a span in the traces of those who follow theirs.

import CoreMetrics
import Tracing
import WeirConsole
import WeirHTTP
import WeirObserve
import WeirTelemetry

enum ServedRequests {
    /// A request without a sampled `traceparent` makes no span: probes and scrapes come every few seconds for ever. Of an
    /// answer that streams both tell when it begins.
    static func note(_ request: HTTPRequest, _ answer: (HTTPRequest) -> HTTPResponse) -> HTTPResponse {
        let route = route(request.path)
        let response = traced(request, route, answer)
        Counter(
            label: "weir_http_requests_total", dimensions: [("route", route), ("status", "\(response.status)")]
        ).increment()
        return response
    }

    private static func traced(
        _ request: HTTPRequest, _ route: String, _ answer: (HTTPRequest) -> HTTPResponse
    ) -> HTTPResponse {
        var context = ServiceContext.topLevel
        InstrumentationSystem.instrument.extract(request.headers, into: &context, using: HeaderExtractor())
        guard context.traceContext?.isSampled == true else { return answer(request) }
        return withSpan("weir.request", context: context, ofKind: .server) { span in
            let response = answer(request)
            span.updateAttributes { attributes in
                attributes["http.request.method"] = request.method
                attributes["url.path"] = "/" + request.path.joined(separator: "/")
                attributes["http.route"] = route
                attributes["http.response.status_code"] = response.status
            }
            if response.status >= 500 { span.setStatus(SpanStatus(code: .error)) }
            return response
        }
    }

    /// Few, whatever is asked for.
    private static func route(_ path: [String]) -> String {
        switch path.first {
        case nil: "page"
        case "status.json": "status"
        case "events": "events"
        case "dead-letters": "dead_letter"
        case "metrics": "metrics"
        case "livez", "readyz", "startupz": "probe"
        case let name?: ConsoleFile.named(name) == nil ? "other" : "page"
        }
    }

    private struct HeaderExtractor: Extractor {
        func extract(key: String, from headers: [String: String]) -> String? { headers[key.lowercased()] }
    }
}
