// All that a topic holds, read past any group.

import WeirKafka

/// A record, copied out of librdkafka's memory.
struct StoredRecord {
    let place: TopicPartition
    let offset: Int64
    let timestamp: Int64
    let key: [UInt8]?
    let payload: [UInt8]?
    let headers: [KafkaHeader]

    init(_ message: borrowing KafkaMessage) {
        place = TopicPartition(topic: message.topic, partition: message.partition)
        offset = message.offset
        timestamp = message.timestamp
        key = message.hasKey ? message.key.withUnsafeBytes { Array($0) } : nil
        payload = message.hasPayload ? message.payload.withUnsafeBytes { Array($0) } : nil
        headers = message.headers
    }

    func header(_ name: String) -> String? {
        headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}

enum TopicContents {
    /// One past the last offset of each partition.
    static func ends(_ topic: String, brokers: String) throws -> [TopicPartition: Int64] {
        let admin = try KafkaAdmin([("bootstrap.servers", brokers), ("group.id", "weir-tests")])
        guard let count = try admin.partitions(of: topic) else { return [:] }
        var ends: [TopicPartition: Int64] = [:]
        for partition in 0..<Int32(count) {
            let place = TopicPartition(topic: topic, partition: partition)
            ends[place] = try admin.offsets(of: place).end
        }
        return ends
    }

    /// Every record from offset 0; throws if the development broker has dropped one.
    static func read(_ topic: String, brokers: String) throws -> [StoredRecord] {
        var open = try ends(topic, brokers: brokers).filter { $0.value > 0 }
        var records: [StoredRecord] = []
        guard !open.isEmpty else { return [] }
        let reader = try KafkaReader(
            [
                ("bootstrap.servers", brokers), ("group.id", "weir-tests"), ("auto.offset.reset", "error"),
                ("fetch.wait.max.ms", "20"),
            ], partitions: Array(open.keys))
        var next: [TopicPartition: Int64] = [:]
        // The development broker gives one batch of each partition at a time, and most are small.
        let seconds = 30 + Int(open.values.reduce(0, +) / 1_000)
        try waitUntil("\(topic) is read to its end", seconds: seconds) {
            while let message = reader.poll(milliseconds: 100) {
                if let error = message.error { throw error }
                let record = StoredRecord(message)
                guard record.offset == next[record.place, default: 0] else {
                    throw WaitTimeout(
                        description: "\(record.place) begins at \(record.offset): the broker dropped some")
                }
                next[record.place] = record.offset + 1
                records.append(record)
                if let end = open[record.place], record.offset + 1 >= end { open[record.place] = nil }
                if open.isEmpty { break }
            }
            return open.isEmpty
        }
        return records
    }
}
