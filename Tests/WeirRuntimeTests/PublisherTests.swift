// Which revisions reach Kafka, and when: a real producer and broker, and a clock that the test moves.

import Logging
import Testing
import WeirKafka
import WeirRuntime

@Suite struct PublisherTests {
    /// A window that changes with every commit is published all the same, and its newest revision last.
    @Test func aBusyWindowIsSentFourTimesASecond() throws {
        let rig = try PublisherRig()
        for revision in 1...100 {
            rig.add(id: revision, window: "busy", revision: revision, milliseconds: revision * 20)
            rig.work(milliseconds: revision * 20)
        }
        let whileBusy = rig.handedOver
        try rig.finish(milliseconds: 3000)
        let sent = try rig.sent()
        #expect((6...8).contains(whileBusy), "\(whileBusy) in two seconds")
        #expect(sent.map(\.window).allSatisfy { $0 == "busy" })
        #expect(sent.map(\.revision) == sent.map(\.revision).sorted())
        #expect(Set(sent.map(\.revision)).count == sent.count)
        #expect(sent.last?.revision == 100)
        #expect(rig.publisher.done == (1...100).map(Int64.init))
    }

    /// A window that rests is sent once, a quarter of a second after its last change but one at the latest.
    @Test func whatRestsIsSentOnce() throws {
        let rig = try PublisherRig()
        rig.add(id: 1, window: "a", revision: 1, milliseconds: 0)
        rig.add(id: 2, window: "b", revision: 1, milliseconds: 10)
        rig.add(id: 3, window: "a", revision: 2, milliseconds: 20)
        rig.work(milliseconds: 249)
        #expect(rig.handedOver == 0)
        rig.work(milliseconds: 250)
        #expect(rig.handedOver == 1)
        try rig.finish(milliseconds: 1000)
        #expect(try rig.sent() == [.init("a", 2), .init("b", 1)])
    }

    /// Rows go while a message of theirs is out ahead of its turn: its report belongs to none of those that stay.
    @Test func aReportOfADroppedRowCountsForNoOther() throws {
        let rig = try PublisherRig()
        let leaving = TopicPartition(topic: "in", partition: 1)
        rig.add(id: 1, window: "a", revision: 1, milliseconds: 0)
        rig.add(id: 2, window: "b", revision: 1, milliseconds: 0, from: leaving)
        rig.add(id: 3, window: "b", revision: 2, milliseconds: 100, from: leaving)
        rig.add(id: 4, window: "c", revision: 1, milliseconds: 200)
        // Of b, revision 2 goes for row 2, which is done with it; row 3 has not had its turn.
        rig.work(milliseconds: 250)
        #expect(rig.handedOver == 2)
        rig.publisher.drop([leaving])
        try rig.finish(milliseconds: 1000)
        #expect(try rig.sent() == [.init("a", 1), .init("b", 2), .init("c", 1)])
        #expect(rig.publisher.done == [1, 2, 4])
    }
}

private final class PublisherRig {
    struct Sent: Equatable {
        let window: String
        let revision: Int

        init(_ window: String, _ revision: Int) {
            self.window = window
            self.revision = revision
        }
    }

    let publisher: Publisher
    private let cluster: MockCluster
    private let producer: KafkaProducer
    private let waker = Waker()
    private static let topic = "revisions"
    private static let home = TopicPartition(topic: "in", partition: 0)

    init() throws {
        cluster = try MockCluster()
        try cluster.createTopic(Self.topic, partitions: 1)
        producer = try KafkaProducer(
            [("bootstrap.servers", cluster.bootstrapServers)] + MockCluster.producerSettings, waker: waker,
            log: { _, _, _ in })
        publisher = Publisher(producer: producer, revisions: Self.topic, logger: Logger(label: "test"))
    }

    /// Messages that librdkafka was given.
    var handedOver: Int { Int(publisher.published) + producer.pending }

    func add(id: Int, window: String, revision: Int, milliseconds: Int, from source: TopicPartition = home) {
        let message = OutboxMessage(
            topic: Self.topic, key: Array(window.utf8), payload: Array("\(revision)".utf8), headers: [])
        publisher.add(
            StoredMessages(id: Int64(id), source: source, messages: [message]), at: Int64(milliseconds) * 1000)
    }

    func work(milliseconds: Int) { publisher.work(at: Int64(milliseconds) * 1000) }

    /// Waits until everything is acknowledged.
    func finish(milliseconds: Int) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !publisher.isIdle {
            work(milliseconds: milliseconds)
            waker.wait(milliseconds: 10)
            try #require(ContinuousClock.now < deadline, "not published after 30 s")
        }
    }

    func sent() throws -> [Sent] {
        let admin = try KafkaAdmin([("bootstrap.servers", cluster.bootstrapServers)])
        let place = TopicPartition(topic: Self.topic, partition: 0)
        let end = try admin.offsets(of: place).end
        let reader = try KafkaReader(
            [("bootstrap.servers", cluster.bootstrapServers), ("group.id", "test")], partitions: [place], from: 0)
        let deadline = ContinuousClock.now + .seconds(30)
        var sent: [Sent] = []
        while sent.count < end {
            try #require(ContinuousClock.now < deadline, "not read after 30 s")
            guard let message = reader.poll(milliseconds: 100), message.isRecord else { continue }
            func text(_ bytes: RawSpan) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
            sent.append(Sent(text(message.key), Int(text(message.payload)) ?? -1))
        }
        return sent
    }
}
