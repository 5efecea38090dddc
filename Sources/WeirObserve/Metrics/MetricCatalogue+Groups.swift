// What `weir lag --exporter` tells of the consumer groups of a cluster.

/// All are gauges, of the last round. A value that is not known has no line: nothing is told as 0 or as it was before.
extension MetricCatalogue {
    private static let partition = ["group", "topic", "partition"]
    private static let states = "0 ok, 1 unknown, 2 no_data, 3 warn, 4 rewind, 5 stall, 6 stop"

    package static let groupLag = MetricFamily(
        "weir_group_lag_records", .gauge, partition,
        "Offsets from the committed one to the end of the log; 0 if they hold no record that could be read.")
    package static let groupLagTime = MetricFamily(
        "weir_group_lag_seconds", .gauge, unit: "seconds", partition,
        "Age of the oldest unprocessed record: the round's time less the record's timestamp; 0 if none waits.")
    package static let groupCommitted = MetricFamily(
        "weir_group_committed_offset", .gauge, partition,
        "Offset that the group has committed: the next one it would read.")
    package static let groupPartitionState = MetricFamily(
        "weir_group_partition_state", .gauge, partition, "State of the partition: \(states).")
    package static let groupState = MetricFamily(
        "weir_group_state", .gauge, ["group"], "Worst state of the group's partitions: \(states).")
    package static let groupPartitions = MetricFamily(
        "weir_group_partitions", .gauge, ["group", "state"], "Partitions of the group in this state.")
    package static let groupMembers = MetricFamily(
        "weir_group_members", .gauge, ["group"], "Members of the group.")
    package static let lagUp = MetricFamily(
        "weir_lag_up", .gauge, [], "1 if the last round learnt of all groups, else 0.")
    package static let lagRoundAge = MetricFamily(
        "weir_lag_round_age_seconds", .gauge, unit: "seconds", [],
        "Time since the round that the other values are from.")
    package static let lagRoundDuration = MetricFamily(
        "weir_lag_round_duration_seconds", .gauge, unit: "seconds", [], "Time that the round took.")
    package static let lagOmitted = MetricFamily(
        "weir_lag_omitted_partitions", .gauge, [], "Partitions left out because there are too many; the worst are told."
    )

    public static let groups: [MetricFamily] = [
        lagUp, lagRoundAge, lagRoundDuration, groupLag, groupLagTime, groupCommitted, groupPartitionState, groupState,
        groupPartitions, groupMembers, lagOmitted,
    ]
}
