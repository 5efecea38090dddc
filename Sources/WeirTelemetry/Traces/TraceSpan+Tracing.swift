// From the façade's values to those that are sent, with bounds on their size.

internal import Tracing
internal import WeirObserve

extension TraceSpan.Kind {
    init(_ kind: SpanKind) {
        self =
            switch kind {
            case .internal: .internal
            case .server: .server
            case .client: .client
            case .producer: .producer
            case .consumer: .consumer
            }
    }
}

extension TraceSpan.Attribute {
    /// In the order of their names, and not too many.
    static func all(of attributes: SpanAttributes) -> [Self] {
        attributes.pairs.prefix(OTLPSpan.most).compactMap { name, value in
            TraceSpan.Value(value).map { Self(name.boundedForSpan, $0) }
        }
    }
}

extension SpanAttributes {
    /// In the order of their names.
    var pairs: [(name: String, value: SpanAttribute)] {
        var pairs: [(name: String, value: SpanAttribute)] = []
        // No collection: there is no loop over them.
        // swift-format-ignore: ReplaceForEachWithForLoop
        forEach { pairs.append(($0, $1)) }
        return pairs.sorted { $0.name < $1.name }
    }
}

extension TraceSpan.Value {
    fileprivate init?(_ attribute: SpanAttribute) {
        func list<Element>(_ elements: [Element], _ value: (Element) -> Self) -> Self {
            .list(elements.prefix(OTLPSpan.most).map(value))
        }
        switch attribute {
        case .int32(let number): self = .integer(Int64(number))
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .bool(let flag): self = .flag(flag)
        case .string(let text): self = .text(text.boundedForSpan)
        case .stringConvertible(let value): self = .text("\(value)".boundedForSpan)
        case .int32Array(let numbers): self = list(numbers) { .integer(Int64($0)) }
        case .int64Array(let numbers): self = list(numbers) { .integer($0) }
        case .doubleArray(let numbers): self = list(numbers) { .number($0) }
        case .boolArray(let flags): self = list(flags) { .flag($0) }
        case .stringArray(let texts): self = list(texts) { .text($0.boundedForSpan) }
        case .stringConvertibleArray(let values): self = list(values) { .text("\($0)".boundedForSpan) }
        default: return nil
        }
    }
}

extension TraceSpan.Event {
    init(_ event: SpanEvent) {
        self.init(
            event.name.boundedForSpan, at: Int64(clamping: event.nanosecondsSinceEpoch / 1000),
            attributes: TraceSpan.Attribute.all(of: event.attributes))
    }
}

extension TraceSpan.Link {
    /// Nil if the context is in no span.
    init?(_ link: SpanLink) {
        guard let context = link.context.traceContext else { return nil }
        self.init(context, attributes: TraceSpan.Attribute.all(of: link.attributes))
    }
}

extension TraceSpan.Status {
    var bounded: Self {
        if case .error(let words) = self { .error(words.boundedForSpan) } else { self }
    }
}

extension String {
    /// A text may be a whole answer of a server; a span waits in memory for its turn.
    var boundedForSpan: String { utf8.count <= 1024 ? self : String(decoding: utf8.prefix(1024), as: UTF8.self) }
}
