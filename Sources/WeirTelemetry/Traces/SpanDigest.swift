// From what the façade was told of a span to what is sent, with bounds on its size.

internal import Tracing
internal import WeirObserve

/// A text may be a whole answer of a server, and spans wait in memory for their turn: one takes 64 KiB at the most, a text
/// of it 1 KiB. Used for one span, once.
struct SpanDigest {
    /// Of attributes, events and links each, as in OpenTelemetry's SDKs.
    static let most = 128

    private var room = 64 << 10

    mutating func text(_ text: String) -> String {
        let length = min(text.utf8.count, 1024, max(0, room))
        room -= length
        return length == text.utf8.count ? text : String(decoding: text.utf8.prefix(length), as: UTF8.self)
    }

    /// In the order of their names.
    ///
    /// - Parameter omitted: raised by those for which there was no room.
    mutating func attributes(_ attributes: SpanAttributes, omitted: inout Int) -> [TraceSpan.Attribute] {
        var all: [TraceSpan.Attribute] = []
        for (name, value) in attributes.pairs {
            room -= 16
            guard room > 0, all.count < Self.most, let value = self.value(value) else {
                omitted += 1
                continue
            }
            all.append(TraceSpan.Attribute(text(name), value))
        }
        return all
    }

    mutating func events(_ events: [SpanEvent]) -> [TraceSpan.Event] {
        events.map { event in
            var omitted = 0
            return TraceSpan.Event(
                text(event.name), at: Int64(clamping: event.nanosecondsSinceEpoch / 1000),
                attributes: attributes(event.attributes, omitted: &omitted))
        }
    }

    /// Without those to contexts that are in no span.
    mutating func links(_ links: [SpanLink]) -> [TraceSpan.Link] {
        links.compactMap { link in
            var omitted = 0
            return link.context.traceContext.map {
                TraceSpan.Link($0, attributes: attributes(link.attributes, omitted: &omitted))
            }
        }
    }

    mutating func status(_ status: TraceSpan.Status) -> TraceSpan.Status {
        if case .error(let words) = status { .error(text(words)) } else { status }
    }

    private mutating func value(_ attribute: SpanAttribute) -> TraceSpan.Value? {
        switch attribute {
        case .int32(let number): .integer(Int64(number))
        case .int64(let number): .integer(number)
        case .double(let number): .number(number)
        case .bool(let flag): .flag(flag)
        case .string(let text): .text(self.text(text))
        case .stringConvertible(let value): .text(text("\(value)"))
        case .int32Array(let numbers): list(numbers) { .integer(Int64($1)) }
        case .int64Array(let numbers): list(numbers) { .integer($1) }
        case .doubleArray(let numbers): list(numbers) { .number($1) }
        case .boolArray(let flags): list(flags) { .flag($1) }
        case .stringArray(let texts): list(texts) { .text($0.text($1)) }
        case .stringConvertibleArray(let values): list(values) { .text($0.text("\($1)")) }
        default: nil
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], _ value: (inout SpanDigest, Element) -> TraceSpan.Value
    ) -> TraceSpan.Value {
        let elements = elements.prefix(Self.most)
        room -= 16 * elements.count
        return .list(elements.map { value(&self, $0) })
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
