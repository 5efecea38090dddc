// Weir's log as telemetry: each line goes to the collector, too.

public import Logging
internal import WeirObserve

/// Beside the handler that writes lines for people (`MultiplexLogHandler`).
public struct TelemetryLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let telemetry: Telemetry
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: microseconds since 1970.
    public init(_ telemetry: Telemetry, level: Logger.Level, clock: @escaping @Sendable () -> Int64) {
        self.telemetry = telemetry
        self.clock = clock
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata(of: event)
        let trace = TraceContext(metadata: &all)
        let pairs = all.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        telemetry.take(
            LoggedLine(time: clock(), level: event.level, message: "\(event.message)", metadata: pairs, trace: trace))
    }
}

extension TraceContext {
    /// Takes the two ids out of what `metadata` of a line says, if it says them.
    fileprivate init?(metadata: inout Logger.Metadata) {
        guard let trace = metadata["trace_id"], let span = metadata["span_id"] else { return nil }
        let text = Array("00-\(trace)-\(span)-01".utf8)
        self.init(traceparent: text.span.bytes)
        metadata["trace_id"] = nil
        metadata["span_id"] = nil
    }
}
