// librdkafka's mock cluster: real TCP brokers in this process, for development and tests.

internal import CRdkafka

/// Keeps the last 5 MB or 100,000 messages of a partition and nothing on disk.
public final class MockCluster {
    private let handle: KafkaHandle
    private let cluster: OpaquePointer

    public init(brokers: Int = 1, settings: KafkaSettings = []) throws(KafkaError) {
        handle = try KafkaHandle(RD_KAFKA_PRODUCER, settings, hooks: KafkaHooks { _, _, _ in })
        guard let cluster = rd_kafka_mock_cluster_new(handle.client, Int32(brokers)) else {
            throw KafkaError(configuration: "the mock cluster did not start")
        }
        self.cluster = cluster
    }

    deinit { rd_kafka_mock_cluster_destroy(cluster) }

    /// `host:port` of every broker, for `bootstrap.servers`.
    public var bootstrapServers: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    public func createTopic(_ topic: String, partitions: Int) throws(KafkaError) {
        let code = rd_kafka_mock_topic_create(cluster, topic, Int32(partitions), 1)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }
}
