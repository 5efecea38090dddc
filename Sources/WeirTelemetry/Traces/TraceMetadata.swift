// From the span that a line of the log is written in to the line's metadata.

public import Logging
internal import Tracing
internal import WeirObserve

extension Logger.MetadataProvider {
    /// `trace_id` and `span_id` of the span that is current where a line is written; nothing if there is none, or if
    /// nobody keeps it.
    public static let spanIDs = Logger.MetadataProvider {
        guard let trace = ServiceContext.current?.traceContext, trace.isSampled else { return [:] }
        return ["trace_id": "\(trace.traceID)", "span_id": "\(trace.spanID)"]
    }
}

extension LogHandler {
    /// All of a line's: the logger's own, over it what the provider says of the moment, over both what came with the line.
    package func metadata(of event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let explicit = event.metadata { all.merge(explicit) { $1 } }
        return all
    }
}
