// Which cluster it is.

internal import CRdkafka

extension KafkaAdmin {
    /// Whether it is librdkafka's mock cluster, in whatever process: its id says so, and the id of no real one does. False
    /// for one that tells no id.
    public func isMockCluster(milliseconds: Int32 = 5000) -> Bool {
        guard let text = rd_kafka_clusterid(handle.client, milliseconds) else { return false }
        defer { rd_kafka_mem_free(handle.client, text) }
        return String(cString: text).hasPrefix("mockCluster")
    }
}
