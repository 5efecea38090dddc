// librdkafka's log lines, forwarded to Weir's.

internal import Logging

enum KafkaLog {
    /// Syslog levels: up to 3 are errors, 4 warnings. Lost connections heal by themselves and are warnings.
    static func forwarding(to logger: Logger) -> @Sendable (Int, String, String) -> Void {
        { level, facility, text in
            let metadata: Logger.Metadata = ["facility": "\(facility)"]
            switch level {
            // Said by every connection to a broker that does not report the version; nothing follows from it.
            case _ where facility == "AUTOCREATE": logger.debug("\(text)", metadata: metadata)
            case ...2: logger.error("\(text)", metadata: metadata)
            case 3...4: logger.warning("\(text)", metadata: metadata)
            default: logger.debug("\(text)", metadata: metadata)
            }
        }
    }
}
