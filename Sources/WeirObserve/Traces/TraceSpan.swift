// A piece of work with a beginning and an end, as it is told to whoever collects traces.

public struct TraceSpan: Sendable {
    /// Numbers as in OpenTelemetry's protocol.
    public enum Kind: Int, Sendable {
        case `internal` = 1
        /// Asks another system, and waits for its answer.
        case client = 3
        case producer = 4
        case consumer = 5
    }

    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
    }

    public struct Attribute: Sendable, Equatable {
        public let name: String
        public let value: Value

        public init(_ name: String, _ text: String) {
            self.name = name
            value = .text(text)
        }

        public init(_ name: String, _ number: some BinaryInteger) {
            self.name = name
            value = .integer(Int64(clamping: number))
        }
    }

    public let name: String
    public let kind: Kind
    public let context: TraceContext
    /// Span id of what it is a part of; nil for the first of its trace.
    public let parent: UInt64?
    /// Microseconds since 1970.
    public let start: Int64
    public let end: Int64
    public let attributes: [Attribute]
    /// What it has to do with, in whatever trace.
    public let links: [TraceContext]

    public init(
        _ name: String, _ kind: Kind, _ context: TraceContext, parent: UInt64?, start: Int64, end: Int64,
        attributes: [Attribute] = [], links: [TraceContext] = []
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
        self.end = end
        self.attributes = attributes
        self.links = links
    }
}

/// Takes spans from workers. Never blocks, never fails: what it cannot keep it drops, and counts.
public protocol SpanSink: Sendable {
    func take(_ spans: [TraceSpan])
}
