// Weir's log on standard error as JSON: one event one line, metadata beside time, level and message.

import Logging
import WeirCore
import WeirRuntime
import WeirTelemetry

/// Flat, so that Loki's `| json` makes a label of each name. Ids of a trace are `trace_id` and `span_id`.
struct JSONLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata(of: event)
        var pairs = [
            ("time", Timestamp(microseconds: WallClock.now() / 1000 * 1000).description),
            ("level", event.level.rawValue), ("message", "\(event.message)"),
        ]
        // A name comes once in an object.
        let taken = Set(pairs.map(\.0))
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            pairs.append((taken.contains(name) ? name + "_" : name, "\(value)"))
        }
        let fields = pairs.map { name, value in "\(JSONText.quoted(name)):\(JSONText.quoted(value))" }
        complain("{" + fields.joined(separator: ",") + "}")
    }
}
