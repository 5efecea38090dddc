// What Weir relies on in librdkafka's consumer: both rebalance protocols, static members, pauses.

import Foundation
import Synchronization
import Testing
import WeirKafka

struct ConsumerProtocolTests {
    /// The second takes half of the partitions; the first never stops reading the other half.
    @Test func inACooperativeGroupPartitionsThatStayAreNeverTakenAway() throws {
        let group = try TestGroup(partitions: 6)
        try group.fill(records: 300)
        let a = try group.join("a")
        try group.run(until: "a has all") { a.held.count == 6 }
        let b = try group.join("b")
        try group.run(until: "each has half") {
            // A commit in the middle of a rebalance is what #4059 punishes.
            a.reportOffsets()
            return a.held.count == 3 && b.held.count == 3
        }
        let kept = Set(a.held.keys)
        #expect(a.revoked.count == 3 && kept.isDisjoint(with: a.revoked))
        b.close()
        try group.run(until: "a has all again") { a.held.count == 6 }
        #expect(kept.isDisjoint(with: a.revoked), "a gave up what it should have kept")
        try group.fill(records: 100)
        try group.run(until: "a has read the rest") { a.held.values.allSatisfy { $0 == 400 } }
        for member in [a, b] { member.expectContinuity() }
    }

    /// librdkafka #4381: destroyed after joining and before its first assignment, it aborted the process.
    @Test(.enabled(if: TestGroup.isOnMock, "needs a broker that elects a leader who does not answer"))
    func aMemberMayLeaveBeforeItsFirstAssignment() throws {
        let group = try TestGroup(partitions: 2)
        let a = try group.join("a", answers: false)
        try group.run(until: "a was given all") { a.waiting.count == 2 }
        // While a owes an answer it does not join again, so b waits for its share.
        let b = try group.join("b")
        try group.run(until: "b has joined") { b.hasLogged("-> wait-sync") }
        b.close()
        group.forget(b)
        a.takeOver()
        #expect(a.held.count == 2)
    }

    /// librdkafka #4527: with an assignment of nothing under way, closing took for ever.
    @Test func aMemberMayLeaveWhileItIsGivenNothing() throws {
        let group = try TestGroup(partitions: 1)
        let a = try group.join("a")
        try group.run(until: "a has all") { a.held.count == 1 }
        let b = try group.join("b")
        b.isPolled = false
        try group.run(until: "b is given nothing") { b.hasLogged("-> wait-assign-call") }
        let start = ContinuousClock.now
        b.close()
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(b.held.isEmpty)
    }

    @Test(.enabled(if: TestGroup.isOnMock, "needs a broker that can be told to be slow"))
    func aMemberLeavesABrokerThatNoLongerAnswers() throws {
        let group = try TestGroup(partitions: 1, strategy: "roundrobin")
        let a = try group.join("a")
        try group.run(until: "a has all") { a.held.count == 1 }
        group.delayAnswers(milliseconds: 120_000)
        // The client waits for the answer to this before it ends.
        a.reportOffsets()
        let start = ContinuousClock.now
        a.close()
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(a.held.isEmpty && a.hasLogged("is left behind"))
    }

    /// What it fetched and nobody read is thrown away first.
    @Test func aMemberThatReadLittleLeavesInOrder() throws {
        let group = try TestGroup(partitions: 1, strategy: "roundrobin")
        try group.fill(records: 30_000)
        let a = try group.join("a")
        try group.run(until: "a reads") { a.records > 0 }
        a.close()
        #expect(a.records < 10_000, "too many for a test")
        #expect(a.held.isEmpty && !a.hasLogged("is left behind"))
    }

    /// A static member is away for a moment; the development broker takes it for a new one.
    @Test(arguments: ["cooperative-sticky", "roundrobin"])
    func aStaticMemberComesBack(strategy: String) throws {
        let group = try TestGroup(partitions: 4, strategy: strategy)
        try group.fill(records: 50)
        let b = try group.join("b", instance: "second")
        let a = try group.join("a", instance: "first")
        try group.run(until: "each has half") { a.held.count == 2 && b.held.count == 2 }
        let (shareOfA, eventsOfB) = (Set(a.held.keys), b.events)
        a.close()
        group.forget(a)
        let back = try group.join("a again", instance: "first")
        try group.run(until: "each has half again") { back.held.count == 2 && b.held.count == 2 }
        #expect(Set(back.held.keys).isDisjoint(with: b.held.keys))
        if !TestGroup.isOnMock {
            #expect(Set(back.held.keys) == shareOfA)
            #expect(b.events == eventsOfB, "the other member was disturbed")
        }
        try group.run(until: "all is read") { (Array(back.held.values) + b.held.values).allSatisfy { $0 == 50 } }
        for member in [a, b, back] { member.expectContinuity() }
    }

    @Test func aPartitionPausedBeforeItsFirstFetchStartsWhereItWasTold() throws {
        let group = try TestGroup(partitions: 5)
        try group.fill(records: 200)
        let a = try group.single()
        let places = group.places
        let starts: [StartOffset] = [.earliest, .at(0), .at(100), .at(200), .at(0)]
        try a.start(Array(zip(places, starts)), pausing: Array(places.prefix(4)))
        try group.run(until: "the one that is not paused is read") { a.held[places[4]] == 200 }
        #expect(a.records == 200)
        for (place, start) in zip(places, starts).prefix(4) { try a.resume(place, start) }
        try group.run(until: "the others are read") { a.records == 200 + 200 + 200 + 100 }
        try group.fill(records: 1)
        try group.run(until: "the end has moved") { a.held.values.allSatisfy { $0 == 201 } }
        a.expectContinuity()
        // With nothing else to fetch, librdkafka sleeps through a resume that says no offset.
        let start = ContinuousClock.now
        for place in places { try a.pause(place) }
        for round in 1...8 {
            try group.fill(records: 1)
            try a.resume(places[0], .at(Int64(200 + round)))
            try group.run(until: "a record came") { a.held[places[0]] == Int64(201 + round) }
            try a.pause(places[0])
        }
        #expect(ContinuousClock.now - start < .seconds(7))
        a.expectContinuity()
    }

    @Test func pausesUnderLoadSkipAndRepeatNothing() throws {
        let group = try TestGroup(partitions: 4)
        try group.fill(records: 500)
        let a = try group.single()
        try a.start(group.places.map { ($0, .earliest) }, pausing: [])
        var dice = SystemRandomNumberGenerator()
        var sent: Int64 = 500
        for _ in 0..<1_500 {
            a.poll(milliseconds: 0)
            let place = group.places.randomElement(using: &dice) ?? group.places[0]
            if !a.paused.contains(place) {
                try a.pause(place)
            } else if Bool.random(using: &dice) {
                try a.resume(place)
            } else {
                try a.resume(place, .at(a.held[place] ?? 0))
            }
            if Int.random(in: 0..<50, using: &dice) == 0 {
                try group.fill(records: 20)
                sent += 20
            }
        }
        for place in a.paused { try a.resume(place, .at(a.held[place] ?? 0)) }
        try group.run(until: "all is read") { a.held.values.allSatisfy { $0 == sent } }
        a.expectContinuity()
    }
}

/// A topic and a group of its own, whose members are polled by turns on the test's thread.
private final class TestGroup {
    static var isOnMock: Bool { existingBrokers == nil }
    private static var existingBrokers: String? {
        ProcessInfo.processInfo.environment["WEIR_BROKERS"].flatMap { $0.isEmpty ? nil : $0 }
    }

    let places: [TopicPartition]
    private let cluster: MockCluster?
    private let brokers: String
    private let topic = "protocol-\(UUID().uuidString.prefix(8))"
    private let strategy: String
    private let waker = Waker()
    private let producer: KafkaProducer
    private var members: [Member] = []

    init(partitions: Int, strategy: String = "cooperative-sticky") throws {
        let cluster = Self.isOnMock ? try MockCluster() : nil
        self.cluster = cluster
        self.strategy = strategy
        brokers = Self.existingBrokers ?? cluster?.bootstrapServers ?? ""
        let topic = topic
        places = (0..<Int32(partitions)).map { TopicPartition(topic: topic, partition: $0) }
        if let cluster {
            try cluster.createTopic(topic, partitions: partitions)
        } else {
            try KafkaAdmin([("bootstrap.servers", brokers)]).createTopic(topic, partitions: partitions)
        }
        producer = try KafkaProducer([("bootstrap.servers", brokers), ("linger.ms", "1")], waker: waker) { _, _, _ in }
    }

    /// Adds so many records to every partition, and waits until they are there.
    func fill(records: Int) throws {
        for place in places {
            for _ in 0..<records {
                while try !producer.send(topic: topic, partition: place.partition, key: nil, payload: [1]) {
                    producer.pollDeliveries(milliseconds: 10) { _ in }
                }
            }
        }
        try waitUntil("the records are written") {
            producer.pollDeliveries(milliseconds: 1) { #expect($0.error == nil) }
            return producer.pending == 0
        }
    }

    func join(_ name: String, instance: String? = nil, answers: Bool = true) throws -> Member {
        let member = try single(name, instance: instance, answers: answers)
        try member.subscribe(topic)
        return member
    }

    /// One that is told its partitions by the test.
    func single(_ name: String = "single", instance: String? = nil, answers: Bool = true) throws -> Member {
        var settings: KafkaSettings = [
            ("bootstrap.servers", brokers), ("group.id", topic), ("partition.assignment.strategy", strategy),
            // The development broker takes a second less than the session for every rebalance but the first,
            // which takes 3 s and must be within it. Real ones refuse less than 6 s.
            ("session.timeout.ms", Self.isOnMock ? "4500" : "6000"), ("heartbeat.interval.ms", "300"),
            ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
            ("fetch.wait.max.ms", "20"), ("socket.nagle.disable", "true"), ("debug", "cgrp"),
        ]
        if let instance { settings.append(("group.instance.id", instance)) }
        let member = try Member(name, settings, waker: waker, answers: answers)
        members.append(member)
        return member
    }

    func delayAnswers(milliseconds: Int) { cluster?.setRoundTrip(milliseconds: milliseconds, broker: 1) }

    func forget(_ member: Member) { members.removeAll { $0 === member } }

    /// Polls all members until the condition holds.
    func run(until what: String, _ condition: () throws -> Bool) throws {
        try waitUntil(what) {
            for member in members where member.isPolled { member.poll(milliseconds: 1) }
            return try condition()
        }
    }
}

/// A consumer, and what happened to it.
private final class Member {
    let name: String
    /// The next offset of every partition that it reads.
    private(set) var held: [TopicPartition: Int64] = [:]
    private(set) var waiting: [TopicPartition] = []
    private(set) var revoked: Set<TopicPartition> = []
    private(set) var paused: Set<TopicPartition> = []
    private(set) var events = 0
    private(set) var records = 0
    var isPolled = true
    private let answers: Bool
    private var oddities: [String] = []
    private let log = Log()
    private var consumer: KafkaConsumer?

    /// librdkafka's threads write it.
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    init(_ name: String, _ settings: KafkaSettings, waker: Waker, answers: Bool) throws {
        self.name = name
        self.answers = answers
        let log = log
        consumer = try KafkaConsumer(
            settings, waker: waker, log: { _, _, text in log.lines.withLock { $0.append(text) } },
            rebalance: { [unowned self] in rebalance($0) })
    }

    func subscribe(_ topic: String) throws { try consumer?.subscribe([topic]) }

    func hasLogged(_ text: String) -> Bool { log.lines.withLock { $0.contains { $0.contains(text) } } }

    /// Answers later, and from outside, as Weir does.
    func poll(milliseconds: Int32) {
        if answers, !waiting.isEmpty { takeOver() }
        for _ in 0..<100 {
            guard let message = consumer?.poll(milliseconds: milliseconds) else { return }
            if let error = message.error {
                oddities.append("\(error)")
                return
            }
            let place = TopicPartition(topic: message.topic, partition: message.partition)
            records += 1
            if held[place] != message.offset || paused.contains(place) {
                oddities.append("\(place): \(message.offset) instead of \(held[place] ?? -1)")
            }
            held[place] = message.offset + 1
        }
    }

    func takeOver() {
        note { try start(waiting.map { ($0, .earliest) }, pausing: []) }
        waiting = []
    }

    func start(_ partitions: [(TopicPartition, StartOffset)], pausing: [TopicPartition]) throws {
        try consumer?.assign(partitions)
        if !pausing.isEmpty { try consumer?.pause(pausing) }
        paused.formUnion(pausing)
        for (place, start) in partitions {
            if case .at(let offset) = start { held[place] = offset } else { held[place] = 0 }
        }
    }

    func pause(_ place: TopicPartition) throws {
        try consumer?.pause([place])
        paused.insert(place)
    }

    func resume(_ place: TopicPartition, _ offset: StartOffset? = nil) throws {
        if let offset { try consumer?.resume([(place, offset)]) } else { try consumer?.resume([place]) }
        paused.remove(place)
    }

    func reportOffsets() { consumer?.reportOffsets(held.map { ($0.key, $0.value) }) }

    func close() {
        consumer?.close()
        consumer = nil
    }

    func expectContinuity() { #expect(oddities.isEmpty, "\(name): \(oddities.prefix(5))") }

    private func rebalance(_ event: Rebalance) {
        switch event {
        case .assigned(let list):
            waiting += list
            if !list.isEmpty { events += 1 }
        case .revoked(let list):
            events += 1
            revoked.formUnion(list)
            for place in list { held[place] = nil }
            waiting.removeAll { list.contains($0) }
        case .lost(let list): oddities.append("lost \(list)")
        }
    }

    private func note(_ body: () throws -> Void) {
        do { try body() } catch { oddities.append("\(error)") }
    }
}
