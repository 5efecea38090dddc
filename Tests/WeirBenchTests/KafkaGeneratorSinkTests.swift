// Sending to a broker: everything arrives, and trouble is loud and soon.

import Synchronization
import Testing
import WeirBench
import WeirCore
import WeirKafka

@Suite struct KafkaGeneratorSinkTests {
    @Test func everyRecordArrives() throws {
        let fixture = try Fixture.billing()
        let cluster = try MockCluster()
        let generator = try fixture.generator(events: 5000) {
            $0.poison = 0.02
            $0.poisonKinds = PoisonKind.standard
        }
        for topic in generator.topics { try cluster.createTopic(topic, partitions: 3) }
        let sink = try KafkaGeneratorSink(
            brokers: cluster.bootstrapServers, topics: generator.topics, largestRecord: generator.largestRecord)
        var sent: [OutgoingRecord] = []
        try generator.run(flow: GeneratorFlow(meanwhile: { try sink.takeReports() })) { record in
            sent.append(record)
            try sink.send(record)
        }
        try sink.finish()
        #expect(sink.progress.acknowledged.load(ordering: .relaxed) == 5000)

        let partitions = generator.topics.flatMap { topic in
            (0..<3).map { TopicPartition(topic: topic, partition: Int32($0)) }
        }
        let reader = try KafkaReader(
            [("bootstrap.servers", cluster.bootstrapServers), ("group.id", "x")], partitions: partitions)
        var read: [OutgoingRecord] = []
        var idle = 0
        while read.count < 5000, idle < 20 {
            guard let message = reader.poll(milliseconds: 500) else {
                idle += 1
                continue
            }
            guard message.isRecord else { continue }
            read.append(
                OutgoingRecord(
                    topic: message.topic, key: message.hasKey ? message.key.withUnsafeBytes { [UInt8]($0) } : nil,
                    payload: message.hasPayload ? message.payload.withUnsafeBytes { [UInt8]($0) } : nil))
        }
        func sorted(_ records: [OutgoingRecord]) -> [[UInt8]] {
            records.map { Array($0.topic.utf8) + ($0.key ?? [0]) + [0] + ($0.payload ?? [1]) }
                .sorted { $0.lexicographicallyPrecedes($1) }
        }
        #expect(sorted(read) == sorted(sent))
    }

    @Test func unreachableBrokerFailsSoon() throws {
        let clock = ContinuousClock()
        let began = clock.now
        do {
            _ = try KafkaGeneratorSink(brokers: "127.0.0.1:1", topics: ["a", "b"], largestRecord: 1000)
            Issue.record("a sink without a broker")
        } catch {
            #expect(error.status == .unavailable)
            #expect(error.message.contains("127.0.0.1:1"))
        }
        #expect(clock.now - began < .seconds(10))
    }

    @Test func badSettingsAreWrongUsage() {
        #expect(throws: WeirError.self) {
            try KafkaGeneratorSink(
                brokers: "127.0.0.1:1", settings: [("no.such.setting", "1")], topics: [], largestRecord: 1000)
        }
    }

    /// The brokers go away in the middle: the run fails with counts instead of ending as if all were well.
    @Test func lostBrokerIsLoud() throws {
        let fixture = try Fixture.billing()
        let generator = try fixture.generator(events: 1000)
        var cluster: MockCluster? = try MockCluster()
        let brokers = try #require(cluster?.bootstrapServers)
        for topic in generator.topics { try cluster?.createTopic(topic, partitions: 1) }
        let sink = try KafkaGeneratorSink(
            brokers: brokers, settings: [("message.timeout.ms", "1500")], topics: generator.topics,
            largestRecord: generator.largestRecord)
        cluster = nil
        do {
            try generator.run { try sink.send($0) }
            try sink.finish()
            Issue.record("records were acknowledged by no broker")
        } catch let error as WeirError {
            #expect(error.status == .unavailable)
            #expect(error.message.contains("of 1000 records sent 0 are acknowledged"))
        }
    }
}
