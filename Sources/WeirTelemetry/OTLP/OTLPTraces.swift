// Spans as an ExportTraceServiceRequest (trace/v1).

internal import WeirObserve

enum OTLPTraces {
    static func encode(_ spans: ArraySlice<TraceSpan>, _ resource: OTLPResource) -> [UInt8] {
        resource.request { scope in
            for span in spans { scope.put(2) { $0.put(span) } }
        }
    }
}

extension ProtobufWriter {
    fileprivate mutating func put(_ span: TraceSpan) {
        put(1, bigEndian: span.context.traceHigh, span.context.traceLow)
        put(2, bigEndian: span.context.span)
        if let parent = span.parent { put(4, bigEndian: parent) }
        put(5, span.name)
        put(6, Int64(span.kind.rawValue))
        put(7, microseconds: span.start)
        // A clock that was set back in between.
        put(8, microseconds: max(span.start, span.end))
        for attribute in span.attributes { put(attribute: 9, attribute.name, attribute.value) }
        if span.omissions.attributes > 0 { put(10, Int64(span.omissions.attributes)) }
        for event in span.events {
            put(11) {
                $0.put(1, microseconds: event.time)
                $0.put(2, event.name)
                for attribute in event.attributes { $0.put(attribute: 3, attribute.name, attribute.value) }
            }
        }
        if span.omissions.events > 0 { put(12, Int64(span.omissions.events)) }
        for link in span.links {
            put(13) {
                $0.put(1, bigEndian: link.context.traceHigh, link.context.traceLow)
                $0.put(2, bigEndian: link.context.span)
                for attribute in link.attributes { $0.put(attribute: 4, attribute.name, attribute.value) }
                $0.put(6, fixed: link.context.isSampled ? 1 : 0 as UInt32)
            }
        }
        if span.omissions.links > 0 { put(14, Int64(span.omissions.links)) }
        switch span.status {
        case .unset: break
        case .ok: put(15) { $0.put(3, 1 as Int64) }
        case .error(let words):
            put(15) {
                if !words.isEmpty { $0.put(2, words) }
                $0.put(3, 2 as Int64)
            }
        }
        put(16, fixed: span.context.isSampled ? 1 : 0 as UInt32)
    }
}
