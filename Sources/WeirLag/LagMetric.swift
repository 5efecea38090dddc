// The catalogue of what `weir lag --exporter` tells: every name with its meaning, its unit and its labels.

/// All are gauges, of the last round. A value that is not known has no line: nothing is told as 0 or as it was before.
public enum LagMetric: String, Sendable, CaseIterable {
    case groupLagRecords = "weir_group_lag_records"
    case groupLagSeconds = "weir_group_lag_seconds"
    case groupCommittedOffset = "weir_group_committed_offset"
    case groupPartitionState = "weir_group_partition_state"
    case groupState = "weir_group_state"
    case groupPartitions = "weir_group_partitions"
    case groupMembers = "weir_group_members"
    case lagUp = "weir_lag_up"
    case lagRoundAgeSeconds = "weir_lag_round_age_seconds"
    case lagRoundDurationSeconds = "weir_lag_round_duration_seconds"
    case lagOmittedPartitions = "weir_lag_omitted_partitions"

    public var help: String {
        switch self {
        case .groupLagRecords:
            "Offsets from the committed one to the end of the log; 0 if they hold no record that could be read."
        case .groupLagSeconds:
            "Age of the oldest unprocessed record: the round's time less the record's timestamp; 0 if none waits."
        case .groupCommittedOffset: "Offset that the group has committed: the next one it would read."
        case .groupPartitionState: "State of the partition, " + Self.states + "."
        case .groupState: "Worst state of the group's partitions, " + Self.states + "."
        case .groupPartitions: "Partitions of the group in this state."
        case .groupMembers: "Members of the group."
        case .lagUp: "1 if the last round learnt of all groups, else 0."
        case .lagRoundAgeSeconds: "Time since the round that the other values are from."
        case .lagRoundDurationSeconds: "Time that the round took."
        case .lagOmittedPartitions: "Partitions left out because there are too many; the worst are told."
        }
    }

    /// Empty for counts.
    public var unit: String {
        switch self {
        case .groupLagRecords: "records"
        case .groupLagSeconds, .lagRoundAgeSeconds, .lagRoundDurationSeconds: "seconds"
        default: ""
        }
    }

    public var labels: [String] {
        switch self {
        case .groupLagRecords, .groupLagSeconds, .groupCommittedOffset, .groupPartitionState:
            ["group", "topic", "partition"]
        case .groupState, .groupMembers: ["group"]
        case .groupPartitions: ["group", "state"]
        case .lagUp, .lagRoundAgeSeconds, .lagRoundDurationSeconds, .lagOmittedPartitions: []
        }
    }

    private static let states = LagState.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", ")
}
