// Questions about the consumer groups of a cluster, for somebody who is a member of none.

internal import CRdkafka
internal import Glibc

/// Who is in a consumer group, as its coordinator says.
public struct GroupMembership: Sendable, Equatable {
    public var members: Int
    /// What members hold. Nil while the group hands partitions out anew, and for groups that the broker does not
    /// describe to librdkafka 2.0.2 (those of KIP-848): nobody can say then.
    public var assigned: Set<TopicPartition>?

    public init(members: Int, assigned: Set<TopicPartition>?) {
        self.members = members
        self.assigned = assigned
    }
}

extension KafkaAdmin {
    /// Names of all consumer groups that the brokers know, and the first error of a broker that did not answer.
    ///
    /// - Throws: if no broker answered; `_UNSUPPORTED_FEATURE` from one that cannot list groups (librdkafka's mock).
    public func groups(milliseconds: Int32 = 10_000) throws(KafkaError) -> (names: [String], failure: KafkaError?) {
        let options = rd_kafka_AdminOptions_new(handle.client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
        guard let queue = rd_kafka_queue_new(handle.client) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_queue_destroy(queue) }
        rd_kafka_ListConsumerGroups(handle.client, options, queue)
        guard let event = rd_kafka_queue_poll(queue, milliseconds + 1000) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(rd_kafka_event_error(event))
        }
        let result = rd_kafka_event_ListConsumerGroups_result(event)
        var failure: KafkaError?
        var count = 0
        if let errors = rd_kafka_ListConsumerGroups_result_errors(result, &count), count > 0 {
            failure = KafkaError(
                rd_kafka_error_code(errors[0]), rd_kafka_error_string(errors[0]).map { String(cString: $0) })
        }
        guard let groups = rd_kafka_ListConsumerGroups_result_valid(result, &count), count > 0 else {
            if let failure { throw failure }
            return ([], nil)
        }
        let names = (0..<count).compactMap { index in
            rd_kafka_ConsumerGroupListing_group_id(groups[index]).map { String(cString: $0) }
        }
        return (names, failure)
    }

    /// Who is in each group; groups of which a coordinator did not tell are left out.
    ///
    /// One request a group, at most `atOnce` of them at a time.
    ///
    /// - Throws: `_UNSUPPORTED_FEATURE` from a broker that cannot describe groups (librdkafka's mock). The client is no
    ///   longer good for other questions to coordinators then: librdkafka 2.0.2 never answers them.
    public func memberships(of groups: [String], atOnce: Int = 64, milliseconds: Int32 = 10_000) throws(KafkaError)
        -> [String: GroupMembership]
    {
        var memberships: [String: GroupMembership] = [:]
        for begin in stride(from: 0, to: groups.count, by: atOnce) {
            let some = Array(groups[begin..<min(begin + atOnce, groups.count)])
            memberships.merge(try describe(some, milliseconds)) { $1 }
        }
        return memberships
    }

    private func describe(_ groups: [String], _ milliseconds: Int32) throws(KafkaError) -> [String: GroupMembership] {
        let options = rd_kafka_AdminOptions_new(handle.client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
        guard let queue = rd_kafka_queue_new(handle.client) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_queue_destroy(queue) }
        CStrings(groups).call { names in
            rd_kafka_DescribeConsumerGroups(handle.client, names, groups.count, options, queue)
        }
        guard let event = rd_kafka_queue_poll(queue, milliseconds + 1000) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(rd_kafka_event_error(event))
        }
        var count = 0
        let result = rd_kafka_event_DescribeConsumerGroups_result(event)
        guard let described = rd_kafka_DescribeConsumerGroups_result_groups(result, &count) else { return [:] }
        var memberships: [String: GroupMembership] = [:]
        for index in 0..<count {
            guard let group = described[index], let name = rd_kafka_ConsumerGroupDescription_group_id(group) else {
                continue
            }
            if let error = rd_kafka_ConsumerGroupDescription_error(group) {
                let code = rd_kafka_error_code(error)
                if code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE {
                    KafkaHooks.of(handle.client)?.dangers.insert(.describing)
                    throw KafkaError(code)
                }
                if code != RD_KAFKA_RESP_ERR_NO_ERROR { continue }
            }
            guard let membership = Self.membership(group) else { continue }
            memberships[String(cString: name)] = membership
        }
        return memberships
    }

    /// Nil if the coordinator does not know the group.
    private static func membership(_ group: OpaquePointer) -> GroupMembership? {
        let state = rd_kafka_ConsumerGroupDescription_state(group)
        let members = rd_kafka_ConsumerGroupDescription_member_count(group)
        // A group that the coordinator calls dead is one that it does not know: perhaps of another protocol.
        guard state != RD_KAFKA_CONSUMER_GROUP_STATE_DEAD, state != RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN else {
            return nil
        }
        guard state == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE || state == RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY else {
            return GroupMembership(members: members, assigned: nil)
        }
        var assigned: Set<TopicPartition> = []
        for index in 0..<members {
            guard let member = rd_kafka_ConsumerGroupDescription_member(group, index),
                let assignment = rd_kafka_MemberDescription_assignment(member),
                let partitions = rd_kafka_MemberAssignment_partitions(assignment)
            else { continue }
            assigned.formUnion(PartitionList.read(partitions))
        }
        return GroupMembership(members: members, assigned: assigned)
    }

    /// Committed offsets of each group, or why its coordinator did not tell; partitions without are left out.
    ///
    /// One request a group, at most `atOnce` of them at a time.
    ///
    /// - Parameter partitions: the ones to ask about; nil for all that the group has committed.
    public func committed(
        by groups: [String], of partitions: [TopicPartition]? = nil, atOnce: Int = 64, milliseconds: Int32 = 10_000
    ) throws(KafkaError) -> [String: Result<[TopicPartition: Int64], KafkaError>] {
        var answers: [String: Result<[TopicPartition: Int64], KafkaError>] = [:]
        for begin in stride(from: 0, to: groups.count, by: atOnce) {
            let some = Array(groups[begin..<min(begin + atOnce, groups.count)])
            answers.merge(try askForCommitted(some, partitions, milliseconds)) { $1 }
        }
        return answers
    }

    private func askForCommitted(
        _ groups: [String], _ partitions: [TopicPartition]?, _ milliseconds: Int32
    ) throws(KafkaError) -> [String: Result<[TopicPartition: Int64], KafkaError>] {
        guard let queue = rd_kafka_queue_new(handle.client) else { throw KafkaError(rd_kafka_last_error()) }
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(handle.client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
        for (index, group) in groups.enumerated() {
            // Which group an answer is of: an error as a whole does not name it.
            rd_kafka_AdminOptions_set_opaque(options, UnsafeMutableRawPointer(bitPattern: index + 1))
            var request: [OpaquePointer?] = [Self.request(group, partitions)]
            rd_kafka_ListConsumerGroupOffsets(handle.client, &request, 1, options, queue)
            rd_kafka_ListConsumerGroupOffsets_destroy(request[0])
        }
        var answers: [String: Result<[TopicPartition: Int64], KafkaError>] = [:]
        for group in groups { answers[group] = .failure(KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)) }
        for _ in groups {
            guard let event = rd_kafka_queue_poll(queue, milliseconds + 1000) else { break }
            defer { rd_kafka_event_destroy(event) }
            let index = Int(bitPattern: rd_kafka_event_opaque(event)) - 1
            guard groups.indices.contains(index) else { continue }
            answers[groups[index]] = Self.committed(event)
        }
        return answers
    }

    private static func request(_ group: String, _ partitions: [TopicPartition]?) -> OpaquePointer? {
        guard let partitions else { return rd_kafka_ListConsumerGroupOffsets_new(group, nil) }
        return PartitionList(partitions.map { ($0, -1001) }).call { rd_kafka_ListConsumerGroupOffsets_new(group, $0) }
    }

    private static func committed(_ event: OpaquePointer) -> Result<[TopicPartition: Int64], KafkaError> {
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(code)) }
        var count = 0
        let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
        guard let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count), count == 1 else {
            return .failure(KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN))
        }
        if let error = rd_kafka_group_result_error(groups[0]),
            rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR
        {
            return .failure(KafkaError(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error))))
        }
        var offsets: [TopicPartition: Int64] = [:]
        guard let list = rd_kafka_group_result_partitions(groups[0]) else { return .success([:]) }
        for index in 0..<Int(list.pointee.cnt) {
            let entry = list.pointee.elems[index]
            guard entry.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(KafkaError(entry.err)) }
            guard entry.offset >= 0 else { continue }
            offsets[TopicPartition(topic: String(cString: entry.topic), partition: entry.partition)] = entry.offset
        }
        return .success(offsets)
    }
}

/// C strings for the time of one call.
private struct CStrings: ~Copyable {
    private let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) { pointers = strings.map { strdup($0) } }

    deinit { for pointer in pointers { free(pointer) } }

    borrowing func call(_ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Void) {
        var pointers = pointers.map { UnsafePointer($0) }
        pointers.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { body(base) }
        }
    }
}
