// Lines of the log that are written within a span name it.

import Logging
import Synchronization
import Testing
import Tracing
import WeirObserve
import WeirTelemetry

struct LogCorrelationTests {
    /// Keeps what a line's metadata is.
    private struct Notebook: LogHandler {
        final class Pages: Sendable { let lines = Mutex<[[String: String]]>([]) }

        let pages: Pages
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata(of: event).mapValues { "\($0)" }
            pages.lines.withLock { $0.append(all) }
        }
    }

    private let pages = Notebook.Pages()
    private var logger: Logger {
        Logger(label: "test") { _ in Notebook(pages: pages, metadataProvider: .spanIDs) }
    }
    private var last: [String: String]? { pages.lines.withLock { $0.last } }

    @Test func aLineNamesItsSpan() throws {
        let collector = SpanCollector()
        collector.trace {
            withSpan("outer") { _ in
                withSpan("inner") { _ in logger.info("within", metadata: ["partition": "3"]) }
            }
        }
        let inner = try #require(collector.spans.first { $0.name == "inner" })
        #expect(
            last == ["trace_id": inner.context.traceID, "span_id": inner.context.spanID, "partition": "3"])
        logger.info("outside")
        #expect(last == [:])
    }

    /// As those of a worker's batch do.
    @Test func whatComesWithTheLineWins() {
        var logger = logger
        logger[metadataKey: "trace_id"] = "of the logger"
        SpanCollector().trace {
            withSpan("outer") { _ in
                logger.info("x", metadata: ["trace_id": "a", "span_id": "b"])
                #expect(last == ["trace_id": "a", "span_id": "b"])
                logger.info("x")
                #expect(last?["trace_id"] == ServiceContext.current?.traceContext?.traceID)
            }
        }
        logger.info("x")
        #expect(last == ["trace_id": "of the logger"])
    }

    /// Whoever followed them would find nothing.
    @Test func idsOfWhatNobodyKeepsAreNotTold() {
        let unsampled = TraceContext(traceHigh: 1, traceLow: 2, span: 3, isSampled: false)
        SpanCollector().trace {
            withSpan("of nobody's", context: .of(unsampled)) { _ in logger.info("within") }
        }
        #expect(last == [:])
    }
}
