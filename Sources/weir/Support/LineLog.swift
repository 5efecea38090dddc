// Weir's log on standard error: one event one line, time first, metadata as name=value.

import Foundation
import Logging
import WeirCore
import WeirRuntime
import WeirTelemetry

struct LineLog: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata(of: event)
        let pairs = all.sorted { $0.key < $1.key }.map { name, value in
            let text = "\(value)"
            return text.contains(" ") || text.contains("\"") || text.isEmpty
                ? "\(name)=\(JSONText.quoted(text))" : "\(name)=\(text)"
        }
        let time = Timestamp(microseconds: WallClock.now() / 1000 * 1000)
        complain("\(time) \(event.level.rawValue) \(event.message)" + pairs.map { " " + $0 }.joined())
    }

    static func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "weir") { LineLog(label: $0, logLevel: level) }
    }
}
