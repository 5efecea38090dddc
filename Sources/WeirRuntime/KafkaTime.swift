// Timestamps of Kafka records, which producers set to whatever they like.

package enum KafkaTime {
    /// Microseconds since 1970; nil for none (negative), and for one so far ahead that it cannot be a time in
    /// milliseconds at all: nanoseconds by mistake, say.
    package static func microseconds(_ milliseconds: Int64) -> Int64? {
        let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        return milliseconds < 0 || overflow ? nil : microseconds
    }
}
