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
        for link in span.links {
            put(13) {
                $0.put(1, bigEndian: link.traceHigh, link.traceLow)
                $0.put(2, bigEndian: link.span)
                $0.put(6, fixed: link.isSampled ? 1 : 0 as UInt32)
            }
        }
        put(16, fixed: span.context.isSampled ? 1 : 0 as UInt32)
    }
}
