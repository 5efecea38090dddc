// A span that is under way, as swift-distributed-tracing has it.

internal import Synchronization
public import Tracing
internal import WeirObserve

/// May be used by several threads at once. What is said after its end is not heard, nor is anything if it is not sampled.
///
/// Attributes are added or changed, never taken away, as OpenTelemetry has it: so threads that each set one (which the
/// façade makes of reading all and writing all) lose none of each other's.
public final class OTLPSpan: Span {
    private static let most = SpanDigest.most

    private struct State {
        var name: String
        var attributes = SpanAttributes()
        var events: [SpanEvent] = []
        var links: [SpanLink] = []
        var status = TraceSpan.Status.unset
        var omissions = TraceSpan.Omissions()
        var hasEnded = false
    }

    public let context: ServiceContext
    private let identity: TraceContext
    private let parent: UInt64?
    private let kind: SpanKind
    private let start: Int64
    private let sink: any SpanSink
    private let state: Mutex<State>

    /// - Parameter start: microseconds since 1970.
    init(
        _ name: String, _ kind: SpanKind, _ identity: TraceContext, parent: UInt64?, in context: ServiceContext,
        from start: Int64, to sink: any SpanSink
    ) {
        self.context = context
        self.identity = identity
        self.parent = parent
        self.kind = kind
        self.start = start
        self.sink = sink
        state = Mutex(State(name: name))
    }

    public var isRecording: Bool { identity.isSampled && state.withLock { !$0.hasEnded } }

    public var operationName: String {
        get { state.withLock { $0.name } }
        set { change { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set {
            change { state in
                for (name, value) in newValue.pairs {
                    if state.attributes.count < Self.most || state.attributes.get(name) != nil {
                        state.attributes.set(name, value: value)
                    } else {
                        state.omissions.attributes += 1
                    }
                }
            }
        }
    }

    /// A span that is known to be good stays so; of errors the last that says something is kept.
    public func setStatus(_ status: SpanStatus) {
        change { state in
            switch (state.status, status.code) {
            case (.ok, _): break
            case (_, .ok): state.status = .ok
            case (.error(let words), .error): state.status = .error(status.message ?? words)
            case (.unset, .error): state.status = .error(status.message ?? "")
            }
        }
    }

    public func addEvent(_ event: SpanEvent) {
        change { state in
            if state.events.count < Self.most { state.events.append(event) } else { state.omissions.events += 1 }
        }
    }

    public func addLink(_ link: SpanLink) {
        change { state in
            if state.links.count < Self.most { state.links.append(link) } else { state.omissions.links += 1 }
        }
    }

    /// An event, under the names that OpenTelemetry gave it, and the span's status.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var all: SpanAttributes = [
            "exception.type": .string("\(type(of: error))"), "exception.message": .string("\(error)"),
        ]
        all.merge(attributes)
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
        setStatus(SpanStatus(code: .error, message: "\(error)"))
    }

    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard identity.isSampled else { return }
        let finished = state.withLock { state -> State? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state
        }
        guard var finished else { return }
        var digest = SpanDigest()
        let span = TraceSpan(
            digest.text(finished.name), TraceSpan.Kind(kind), identity, parent: parent, start: start,
            end: instant().microseconds,
            attributes: digest.attributes(finished.attributes, omitted: &finished.omissions.attributes),
            links: digest.links(finished.links), events: digest.events(finished.events),
            status: digest.status(finished.status), omissions: finished.omissions)
        sink.take([span])
    }

    private func change(_ note: (inout State) -> Void) {
        guard identity.isSampled else { return }
        state.withLock { state in
            guard !state.hasEnded else { return }
            note(&state)
        }
    }
}
