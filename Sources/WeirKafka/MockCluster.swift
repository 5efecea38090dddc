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

    /// Nobody may use the topic from now on, as without a right to it.
    public func refuse(topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    }

    /// What producers need where produce requests are refused or leaders move: one request at a time.
    ///
    /// The mock cluster does not compare sequence numbers. When it refuses a request and takes the next one that is
    /// under way, librdkafka concludes that it has the first one, too, as it would be with a real broker ("implicit
    /// ack", rd_kafka_handle_idempotent_Produce_success), and reports lost messages as delivered.
    public static let producerSettings: KafkaSettings = [("max.in.flight.requests.per.connection", "1")]

    /// Requests that can be made to fail. JoinGroup is none of them: a member that is refused may ask twice at once,
    /// which aborts librdkafka 2.0.2's mock cluster (assertion in `rd_kafka_mock_cgrp_member_add`).
    public enum Request: Int16, CaseIterable, Sendable {
        case produce = 0
        case fetch = 1
        case offsetCommit = 8
        case findCoordinator = 10
        case heartbeat = 12
        case syncGroup = 14

        /// What a real broker answers when it is in trouble.
        fileprivate var error: rd_kafka_resp_err_t {
            switch self {
            case .produce, .fetch: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
            case .offsetCommit, .findCoordinator: RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE
            case .syncGroup: RD_KAFKA_RESP_ERR_NOT_COORDINATOR
            // The member has to join anew, without its partitions.
            case .heartbeat: RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID
            }
        }
    }

    /// Refuses the next requests of a kind, whoever sends them.
    public func refuse(_ request: Request, count: Int) {
        let errors = [rd_kafka_resp_err_t](repeating: request.error, count: count)
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    // MARK: Weather

    /// Closes a broker's connections and takes no new ones until it is up again. Brokers count from 1.
    public func setDown(broker: Int) { rd_kafka_mock_broker_set_down(cluster, Int32(broker)) }

    public func setUp(broker: Int) { rd_kafka_mock_broker_set_up(cluster, Int32(broker)) }

    /// Delays every answer of a broker.
    public func setRoundTrip(milliseconds: Int, broker: Int) {
        rd_kafka_mock_broker_set_rtt(cluster, Int32(broker), Int32(milliseconds))
    }

    /// Another broker leads a partition from now on; clients hear of it when the old one refuses them.
    public func setLeader(_ partition: TopicPartition, broker: Int) {
        rd_kafka_mock_partition_set_leader(cluster, partition.topic, partition.partition, Int32(broker))
    }

    /// Another broker coordinates a consumer group from now on.
    public func setCoordinator(group: String, broker: Int) {
        rd_kafka_mock_coordinator_set(cluster, "group", group, Int32(broker))
    }
}
