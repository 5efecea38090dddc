// Taking partitions over, as spans: where the seconds after a rebalance went.

internal import Tracing
internal import WeirCore
internal import WeirKafka

/// Through swift-distributed-tracing, which does nothing unless the process has a tracer. These are a few for each
/// rebalance; what is told for each batch goes another way (`WorkerTracer`).
extension Tracing.Span {
    func describe(_ job: Job) {
        updateAttributes { attributes in
            attributes["weir.topology"] = job.topology.name
            attributes["db.system.name"] = "postgresql"
        }
    }

    func describe(_ order: RestoreOrder) {
        updateAttributes { attributes in
            attributes["messaging.destination.name"] = order.id.topic
            attributes["messaging.destination.partition.id"] = "\(order.id.partition)"
            attributes["weir.epoch"] = order.epoch
        }
    }

    func fail(_ failure: StoreFailure) { setStatus(SpanStatus(code: .error, message: failure.message)) }
}
