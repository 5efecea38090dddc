// Log lines as an ExportLogsServiceRequest (logs/v1).

internal import Logging
internal import WeirObserve

/// A line of the log, as it was when it was written.
struct LoggedLine: Sendable {
    /// Microseconds since 1970.
    let time: Int64
    let level: Logger.Level
    let message: String
    /// Without the two ids of the trace.
    let metadata: [(name: String, value: String)]
    let trace: TraceContext?
}

enum OTLPLogs {
    static func encode(_ lines: ArraySlice<LoggedLine>, _ resource: OTLPResource) -> [UInt8] {
        resource.request { scope in
            for line in lines { scope.put(2) { $0.put(line) } }
        }
    }

    /// SeverityNumber of the protocol.
    static func severity(_ level: Logger.Level) -> Int64 {
        switch level {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 21
        }
    }
}

extension ProtobufWriter {
    fileprivate mutating func put(_ line: LoggedLine) {
        put(1, microseconds: line.time)
        put(2, OTLPLogs.severity(line.level))
        put(3, line.level.rawValue)
        put(5) { $0.put(1, line.message) }
        for (name, value) in line.metadata { put(attribute: 6, name, .text(value)) }
        if let trace = line.trace {
            put(8, fixed: trace.isSampled ? 1 : 0 as UInt32)
            put(9, bigEndian: trace.traceHigh, trace.traceLow)
            put(10, bigEndian: trace.span)
        }
        put(11, microseconds: line.time)
    }
}
