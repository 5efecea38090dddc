// A row of weir.outbox that brokers have acknowledged, as a span is told of it.

package import WeirKafka
package import WeirObserve

package struct Publication: Sendable {
    /// The batch that made it.
    package let trace: TraceContext
    /// Partition whose records made it.
    package let source: TopicPartition
    package let messages: Int
    /// On the monotonic clock, in microseconds.
    package let from: Int64
    package let to: Int64
}
