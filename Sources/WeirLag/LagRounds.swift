// Asks a cluster what the rules need: few requests, and no trace left in any group.

public import WeirCore
public import WeirKafka

/// A round is one request for the topics, one a broker for the groups, two a group for members and offsets, two a broker
/// for starts and ends of logs, and the reading of one record for each place in a log where a group is behind and was
/// not at the last round: groups at the same place share it.
///
/// Used by one thread.
public final class LagRounds {
    /// Readings of a clock, in microseconds.
    public typealias Clock = () -> Int64

    private struct Place: Hashable {
        var partition: TopicPartition
        var offset: Int64
    }

    private let admin: KafkaAdmin
    /// A client of its own: see `KafkaAdmin.memberships`.
    private let memberAdmin: KafkaAdmin
    private var canDescribe = true
    /// Asked to describe groups, a broker that cannot makes librdkafka 2.0.2 abort at times: so it is asked to list them
    /// before, once, which is refused in peace.
    private var isAbilityKnown = false
    private let probe: KafkaLogProbe
    private let choice: Choice
    /// Every topic that was chosen has been there: one that goes later is no mistake of who chose it.
    private var areTopicsKnown = false
    private let monotonic: Clock
    private let wall: Clock
    /// Records that the last round found, by where it looked.
    private var found: [Place: Observation.Next] = [:]
    /// Ends of logs at the last round.
    private var ends: [TopicPartition: Int64] = [:]

    /// - Parameters:
    ///   - monotonic: one that only goes forward.
    ///   - wall: since 1970.
    public init(
        _ settings: KafkaSettings, _ choice: Choice, monotonic: @escaping Clock, wall: @escaping Clock
    ) throws(KafkaError) {
        // The end of a log is its last record's for everybody; what of it may be read, the probe finds out.
        admin = try KafkaAdmin(settings + [("isolation.level", "read_uncommitted")])
        memberAdmin = try KafkaAdmin(settings)
        probe = try KafkaLogProbe(settings)
        self.choice = choice
        self.monotonic = monotonic
        self.wall = wall
    }

    /// - Throws: if the cluster does not answer at all; `.usage` if it must be told the groups' names.
    public func take() throws(WeirError) -> LagRound {
        let (existing, led) = try asking("the topics") { () throws(KafkaError) in try admin.partitions() }
        try checkTopics(existing)
        let (names, missing) = try names()
        let memberships = try memberships(names)
        let askedAt = monotonic()
        // A broker that cannot describe groups (librdkafka's mock) tells only what it is asked for by name.
        let known = canDescribe ? nil : existing.filter { choice.takes($0.topic) && !$0.topic.hasPrefix("__") }.sorted()
        var committed: [String: Result<[TopicPartition: Int64], KafkaError>] = [:]
        if known?.isEmpty == true {
            // librdkafka calls an empty question a mistake.
            for name in names { committed[name] = .success([:]) }
        } else {
            committed = try asking("the groups' offsets") { () throws(KafkaError) in
                try admin.committed(by: names, of: known)
            }
        }
        var round = LagRound(time: wall())
        round.failure = missing
        try fill(&round, names, memberships, committed, (existing, led), askedAt)
        round.time = wall()
        return round
    }

    private func checkTopics(_ existing: Set<TopicPartition>) throws(WeirError) {
        guard !areTopicsKnown else { return }
        let missing = choice.topics.subtracting(existing.map(\.topic)).sorted()
        guard missing.isEmpty else {
            throw WeirError(
                .usage, "there is no topic \(missing.map(Printable.text).joined(separator: ", ")) on these brokers",
                advice: "Check --topic and --brokers; a topic that this login may not describe looks the same.")
        }
        areTopicsKnown = true
    }

    private func memberships(_ names: [String]) throws(WeirError) -> [String: GroupMembership] {
        if !isAbilityKnown {
            do { _ = try memberAdmin.groups() } catch {
                // A broker's own refusal shows that it knows such requests.
                guard error.isUnsupported || !error.name.hasPrefix("_") else {
                    throw Self.unavailable("the groups", error)
                }
                canDescribe = !error.isUnsupported
            }
            isAbilityKnown = true
        }
        guard canDescribe else { return [:] }
        return try asking("the groups' members") { () throws(KafkaError) in try memberAdmin.memberships(of: names) }
    }

    private func names() throws(WeirError) -> (names: [String], missing: String?) {
        guard choice.groups.isEmpty else { return (choice.groups, nil) }
        do {
            let (names, failure) = try admin.groups()
            return (names.sorted(), failure.map { "a broker did not list its groups: \($0)" })
        } catch {
            guard error.isUnsupported else { throw Self.unavailable("the groups", error) }
            throw WeirError(
                .usage, "this broker cannot list its consumer groups",
                advice: "Name them: --group orders --group billing")
        }
    }

    private func fill(
        _ round: inout LagRound, _ names: [String], _ memberships: [String: GroupMembership],
        _ committed: [String: Result<[TopicPartition: Int64], KafkaError>],
        _ existing: (all: Set<TopicPartition>, led: Set<TopicPartition>), _ askedAt: Int64
    ) throws(WeirError) {
        let byTopic = Dictionary(grouping: existing.all, by: \.topic)
        var wanted: [String: [TopicPartition: Int64?]] = [:]
        for name in names {
            let membership = memberships[name]
            round.groups[name] = LagRound.Group(members: membership?.members)
            switch committed[name] {
            case .failure(let error)?:
                round.groups[name]?.failure = "the coordinator did not tell the offsets: \(error)"
            case .success(let offsets)?:
                let concern = choice.concern(of: offsets, assigned: membership?.assigned ?? [], existing: byTopic)
                if let concern { wanted[name] = concern } else { round.groups[name] = nil }
            case nil: round.groups[name]?.failure = "the coordinator did not answer"
            }
        }
        let partitions = Set(wanted.values.flatMap(\.keys)).intersection(existing.led).sorted()
        let starts = try asking("the starts of the logs") { () throws(KafkaError) in try admin.starts(of: partitions) }
        let ends = try asking("the ends of the logs") { () throws(KafkaError) in try admin.ends(of: partitions) }
        let answeredAt = monotonic()
        let next = lookBehind(wanted, starts, ends)
        for (name, partitions) in wanted {
            for (partition, offset) in partitions {
                guard let start = starts[partition], let end = ends[partition] else {
                    round.groups[name]?.failures[partition] =
                        existing.led.contains(partition)
                        ? "its leader did not tell where the log begins and ends"
                        : existing.all.contains(partition) ? "it has no leader now" : "there is no such partition now"
                    continue
                }
                let from = offset.map { max($0, start) }
                round.groups[name]?.observations[partition] = Observation(
                    askedAt: askedAt, answeredAt: answeredAt, committed: offset, start: start, end: end,
                    next: from.map { $0 >= end ? .nothing : next[Place(partition: partition, offset: $0)] ?? .unread }
                        ?? .unread,
                    isAssigned: memberships[name].flatMap { $0.assigned?.contains(partition) })
            }
        }
    }

    /// What a consumer would be given at each place where a group is behind.
    private func lookBehind(
        _ wanted: [String: [TopicPartition: Int64?]], _ starts: [TopicPartition: Int64], _ ends: [TopicPartition: Int64]
    ) -> [Place: Observation.Next] {
        var places: Set<Place> = []
        for partitions in wanted.values {
            for (partition, offset) in partitions {
                guard let offset, let start = starts[partition], let end = ends[partition], max(offset, start) < end
                else { continue }
                places.insert(Place(partition: partition, offset: max(offset, start)))
            }
        }
        var next: [Place: Observation.Next] = [:]
        for place in places {
            guard let known = found[place], let before = self.ends[place.partition], let end = ends[place.partition],
                let start = starts[place.partition]
            else { continue }
            // A record stays where it is, unless it is deleted or the log made anew; nothing stays if the log grows.
            switch known {
            case .record(let offset, _) where offset >= start && end >= before: next[place] = known
            case .nothing where end == before: next[place] = known
            default: break
            }
        }
        // One reader reads one place of a partition at a time; groups are seldom at many.
        var left = places.subtracting(next.keys)
        while !left.isEmpty {
            var batch: [TopicPartition: Int64] = [:]
            for place in left where batch.count < Self.mostReadsAtOnce && batch[place.partition] == nil {
                batch[place.partition] = place.offset
            }
            let findings = probe.look(at: batch.map { ($0.key, $0.value) })
            for (partition, offset) in batch {
                let place = Place(partition: partition, offset: offset)
                left.remove(place)
                next[place] = findings[partition].flatMap { Self.next($0, end: ends[partition] ?? 0) }
            }
            // Who does not answer now will not answer the other groups' questions either, and the round has to end.
            if findings.isEmpty { break }
        }
        found = next
        self.ends = ends
        return next
    }

    private static let mostReadsAtOnce = 500

    private static func next(_ finding: KafkaLogProbe.Finding, end: Int64) -> Observation.Next {
        switch finding {
        // One that came after the log's end was asked for belongs to the next round.
        case .record(let offset, let timestamp): offset < end ? .record(offset: offset, timestamp: timestamp) : .nothing
        case .nothing(let until): until < end ? .openTransaction : .nothing
        }
    }

    // MARK: Errors

    private func asking<Answer>(_ what: String, _ ask: () throws(KafkaError) -> Answer) throws(WeirError) -> Answer {
        do { return try ask() } catch { throw Self.unavailable(what, error) }
    }

    private static func unavailable(_ what: String, _ error: KafkaError) -> WeirError {
        WeirError(
            .unavailable, "Kafka did not tell \(what): \(error)",
            advice:
                "Check --brokers and that they are up; behind TLS or SASL give --kafka security.protocol=… and so on.")
    }
}
