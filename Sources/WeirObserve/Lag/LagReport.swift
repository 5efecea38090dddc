// What a partition's lag was in a minute, or in the part of one that a worker had it.

internal import WeirCore

/// A message of `slo.lag.v1`. Reports of a minute add up, whoever wrote them.
package struct LagReport: Sendable, Equatable {
    package var topology: String
    package var topic: String
    package var partition: Int32
    /// Milliseconds since 1970.
    package var minute: Int64
    /// When the part began, in that minute; milliseconds since 1970.
    package var beganAt: Int64
    /// Milliseconds of the minute in which the worker had the partition and looked at it.
    package var covered: Int64
    /// Of `covered`, those that are bad because something waited for longer than the line at the part's end.
    package var overdue: Int64
    /// Records committed, those within the line, and how long they took.
    package var tally: RecordTally
    package var lag: Lag?
    /// The objective's line, in microseconds.
    package var line: Int64
    /// The share that must be within it, in millionths.
    package var target: Int
    /// How long the oldest record that was not committed had waited at the part's end, in microseconds; nil if none
    /// waited.
    package var oldest: Int64?
    /// Host, process and worker.
    package var owner: String
    package var epoch: Int64
    /// Counts the reports of this epoch.
    package var number: Int64

    /// In microseconds; ends of `LagScale`'s steps.
    package struct Lag: Sendable, Equatable {
        package var half: UInt64
        package var most: UInt64
        package var longest: UInt64

        /// Nil if no record's lag is known.
        package init?(_ histogram: LagHistogram) {
            guard let half = histogram.quantile(0.5), let most = histogram.quantile(0.99),
                let longest = histogram.quantile(1)
            else { return nil }
            (self.half, self.most, self.longest) = (half, most, longest)
        }
    }

    /// The same in every repeat of the report, and in no other report: an epoch has one owner, who counts.
    package var idempotencyKey: String {
        "\(topology)/\(topic)/\(partition)/\(Timestamp(microseconds: minute * 1000))/\(epoch)/\(number)"
    }
}

/// What became of reports since the process started.
public struct LagReportCounts: Sendable, Equatable {
    /// Acknowledged by the brokers.
    public var sent: Int64 = 0
    /// Given up. Their minutes read as bad.
    public var dropped: Int64 = 0

    public init() {}
}
