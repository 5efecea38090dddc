// Sends single records that a test made up, and notes what must become of them.

import Testing
import WeirBench
import WeirCore
import WeirKafka

final class OddSender {
    /// Reason → records; those sent without a reason are good.
    private(set) var reasons: [String: Int] = [:]
    private let rig: Rig
    private let topic: String
    private let producer: KafkaProducer
    private let waker: Waker

    init(_ rig: Rig, topic: String) throws {
        self.rig = rig
        self.topic = topic
        let waker = Waker()
        producer = try KafkaProducer(
            [("bootstrap.servers", rig.brokers), ("message.max.bytes", "10000000"), ("linger.ms", "0")],
            waker: waker, log: { _, _, _ in })
        self.waker = waker
    }

    /// Sends one record as a Java producer would: its key decides the partition.
    static func sendKeyed(_ rig: Rig, topic: String, key: [UInt8]?, payload: [UInt8]?) throws {
        let waker = Waker()
        let producer = try KafkaProducer(
            [("bootstrap.servers", rig.brokers), ("partitioner", "murmur2_random")], waker: waker,
            log: { _, _, _ in })
        #expect(try producer.send(topic: topic, key: key, payload: payload))
        try waitUntil("it is sent") {
            producer.pollDeliveries(milliseconds: 10) { #expect($0.error == nil) }
            return producer.pending == 0
        }
    }

    func send(
        _ reason: String?, key: [UInt8]?, payload: [UInt8]?, headers: [KafkaHeader] = [], timestamp: Int64? = nil,
        partition: Int32? = nil
    ) throws {
        let taken = try producer.send(
            topic: topic, partition: partition, key: key, payload: payload, headers: headers, timestamp: timestamp)
        #expect(taken)
        if let reason { reasons[reason, default: 0] += 1 }
        rig.noteProduced(1)
    }

    func finish() throws {
        try waitUntil("all is sent") {
            producer.pollDeliveries(milliseconds: 10) { #expect($0.error == nil) }
            return producer.pending == 0
        }
    }
}

extension Rig {
    /// A record that would be counted; it is not sent.
    func someGoodRecord(_ topic: String) throws -> OutgoingRecord? {
        let options = options(events: 100) {
            $0.repeats = 0
            $0.conflicts = 0
        }
        let generator = try Generator(options, topology: topology, schemas: schemas)
        while let record = generator.next() {
            if record.topic == topic { return record }
        }
        return nil
    }
}
