// Requests to a registry as its client tells of them: a span each, how long they took, and what came of them.

internal import CoreMetrics
internal import Tracing

/// Through swift-metrics and swift-distributed-tracing: says nothing to anybody unless the process has set them up before
/// this is made.
struct RegistryTelemetry: Sendable {
    typealias Fields = [(name: String, value: String)]

    private static let outcomes: [RegistryError.Kind?] = [
        nil, .absent, .incompatible, .invalid, .refused, .unavailable,
    ]

    /// All from the start, so that a rate sees each begin at 0.
    private let requests: [RegistryError.Kind?: Counter]
    private let time = Timer(label: "weir_registry_request_seconds")

    init() {
        requests = Dictionary(
            uniqueKeysWithValues: Self.outcomes.map { kind in
                (kind, Counter(label: "weir_registry_requests_total", dimensions: [("outcome", Self.name(kind))]))
            })
    }

    /// - Parameter ask: asks one instance, with the fields of a head that make it continue the trace.
    func request<Answer>(
        _ method: String, _ url: String, _ ask: (Fields) throws(RegistryError) -> Answer
    ) throws(RegistryError) -> Answer {
        let result = withSpan("weir.registry", ofKind: .client) { span -> Result<Answer, RegistryError> in
            span.attributes["http.request.method"] = method
            span.attributes["url.full"] = url
            var fields: Fields = []
            InstrumentationSystem.instrument.inject(span.context, into: &fields, using: FieldInjector())
            let begun = ContinuousClock.now
            do throws(RegistryError) {
                let answer = try ask(fields)
                note(nil, since: begun)
                return .success(answer)
            } catch {
                note(error.kind, since: begun)
                span.attributes["error.type"] = Self.name(error.kind)
                span.recordError(error)
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func note(_ kind: RegistryError.Kind?, since begun: ContinuousClock.Instant) {
        time.recordNanoseconds(Int64((ContinuousClock.now - begun) / .nanoseconds(1)))
        requests[kind]?.increment()
    }

    private static func name(_ kind: RegistryError.Kind?) -> String { kind.map { "\($0)" } ?? "answered" }

    private struct FieldInjector: Injector {
        func inject(_ value: String, forKey key: String, into fields: inout Fields) { fields.append((key, value)) }
    }
}
