// A piece of work with a beginning and an end, as it is told to whoever collects traces.

public struct TraceSpan: Sendable {
    /// Numbers as in OpenTelemetry's protocol.
    public enum Kind: Int, Sendable {
        case `internal` = 1
        /// Answers what another system asks.
        case server = 2
        /// Asks another system, and waits for its answer.
        case client = 3
        case producer = 4
        case consumer = 5
    }

    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case number(Double)
        case flag(Bool)
        case list([Value])
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

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Another span, of whatever trace.
    public struct Link: Sendable, Equatable {
        public let context: TraceContext
        public let attributes: [Attribute]

        public init(_ context: TraceContext, attributes: [Attribute] = []) {
            self.context = context
            self.attributes = attributes
        }
    }

    /// A moment within a span.
    public struct Event: Sendable, Equatable {
        public let name: String
        /// Microseconds since 1970.
        public let time: Int64
        public let attributes: [Attribute]

        public init(_ name: String, at time: Int64, attributes: [Attribute] = []) {
            self.name = name
            self.time = time
            self.attributes = attributes
        }
    }

    /// How it ended, if somebody said so.
    public enum Status: Sendable, Equatable {
        case unset
        case ok
        case error(String)
    }

    /// What was said of a span and left out, because it was too much.
    public struct Omissions: Sendable, Equatable {
        public var attributes = 0
        public var events = 0
        public var links = 0

        public init() {}
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
    public let links: [Link]
    public let events: [Event]
    public let status: Status
    public let omissions: Omissions

    public init(
        _ name: String, _ kind: Kind, _ context: TraceContext, parent: UInt64?, start: Int64, end: Int64,
        attributes: [Attribute] = [], links: [Link] = [], events: [Event] = [], status: Status = .unset,
        omissions: Omissions = Omissions()
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
        self.end = end
        self.attributes = attributes
        self.links = links
        self.events = events
        self.status = status
        self.omissions = omissions
    }
}

/// Takes finished spans, from workers and tracers. Never blocks, never fails: what it cannot keep it drops, and counts.
public protocol SpanSink: Sendable {
    func take(_ spans: [TraceSpan])
}
