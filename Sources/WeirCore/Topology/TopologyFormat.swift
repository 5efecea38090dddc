// Every field that a topology file may have: name, type, default and meaning, declared here and nowhere else.

/// The format of topology files. The loader, its messages, `topologies/topology.schema.json` and
/// `docs/topology.md` all follow this table.
public enum TopologyFormat {
    enum Root {
        static let topology = ConfigOption<String>(
            "topology", .name, .required,
            "The job's name. It names the consumer group and all state in PostgreSQL: a new name is a new job that starts from nothing."
        )
        static let version = ConfigOption<Int>(
            "version", .integer(in: 1...Int(Int32.max)), .required,
            "Raise it with every change; it is written to each result as `topology_version`.")
        static let group = ConfigOption<String>(
            "group", .name, .derived("`weir.` and the topology's name"), "Kafka consumer group.")
        static let sources = ConfigOption<[Placed<ConfigFields>]>(
            "sources", .list(of: .group(SourceFields.section), atLeast: 1), .required,
            "Topics to read, and which of their fields mean what.")
        static let meters = ConfigOption<[Placed<ConfigFields>]>(
            "meters", .list(of: .group(MeterFields.section), atLeast: 1), .required,
            "What to measure. Each meter yields one number per organisation, window and group.")
        static let outputs = ConfigOption<ConfigFields>(
            "outputs", .group(OutputFields.section), .required, "Where results go.")
        static let limits = ConfigOption<ConfigFields>(
            "limits", .group(LimitFields.section), .derived("the defaults of its fields"),
            "Bounds on what a worker holds at once.")
        static let retry = ConfigOption<ConfigFields>(
            "retry", .group(RetryFields.section), .derived("the defaults of its fields"),
            "How failures that may heal are tried again.")
        static let breaker = ConfigOption<ConfigFields>(
            "breaker", .group(BreakerFields.section), .derived("the defaults of its fields"),
            "When too many records become dead letters, the topology stops.")
        static let quotas = ConfigOption<ConfigFields>(
            "quotas", .group(QuotaFields.section), .derived("no quotas"),
            "What an organisation may use, so that one cannot hold up the others.")

        static let objective = ConfigOption<Objective>(
            "objective", .objective, .optional(default: Objective()),
            "What the topology promises: so many percent of all records are committed within so long of their Kafka timestamp. Alerts, error budget and the console go by it."
        )

        static let section = ConfigSection(
            name: "the topology", heading: "The file", doc: "A topology: one metering job.",
            options: [topology, version, group, objective, sources, meters, outputs, limits, retry, breaker, quotas])
    }

    enum SourceFields {
        static let topic = ConfigOption<String>("topic", .name, .required, "Kafka topic to read.")
        static let schema = ConfigOption<String>(
            "schema", .name, .derived("the topic's name"),
            "Folder below `schemas/` that holds the versions of the topic's contract.")
        static let key = ConfigOption<FieldPath>(
            "key", .path, .derived("the `organisation` field"),
            "Field that the Kafka record key repeats. It decides the partition, so all repeats of an event must agree in it."
        )
        static let organisation = ConfigOption<FieldPath>(
            "organisation", .path, .optional(default: FieldPath("org_id")),
            "Field that holds the organisation whose usage is metered.")
        static let idempotency = ConfigOption<ConfigFields>(
            "idempotency", .group(IdempotencyFields.section), .required,
            "How repeats of one event are recognised.")
        static let time = ConfigOption<ConfigFields>(
            "time", .group(TimeFields.section), .required,
            "Where event time stands in a record, and which times are believable.")
        static let onGap = ConfigOption<GapPolicy>(
            "on_gap", .choice(name: "policy"), .optional(default: .stop),
            "When the log no longer holds records that were not read yet (retention, a topic made anew): `stop` the partition and leave the decision to an operator, or `continue` behind them and record in `weir.gap` what is missing. Holes that the log makes by design (transaction markers, aborted transactions, compaction) are neither."
        )

        static let section = ConfigSection(
            name: "source", heading: "sources[]", doc: "A topic that the topology reads.",
            options: [topic, schema, key, organisation, idempotency, time, onGap])
    }

    enum IdempotencyFields {
        static let field = ConfigOption<FieldPath>(
            "field", .path, .required,
            "Field with the idempotency key. Two records of one organisation with the same key are one event.")
        static let retention = ConfigOption<TimeSpan>(
            "retention", .duration(in: TimeSpan.second...TimeSpan.tenYears), .required,
            "How long a key is remembered. A repeat that arrives later counts again, so choose longer than any producer retries."
        )
        static let ignoring = ConfigOption<[Placed<FieldPath>]>(
            "ignoring", .list(of: .topLevelField), .optional(default: []),
            "Top-level fields that may differ between an event and its repeat, such as an id made anew for each attempt. A repeat that differs elsewhere is a conflict."
        )

        static let section = ConfigSection(
            name: "idempotency", heading: "sources[].idempotency",
            doc: "How repeats of one event are recognised: same organisation, same key.",
            options: [field, retention, ignoring])
    }

    enum TimeFields {
        static let field = ConfigOption<FieldPath>(
            "field", .path, .required,
            "Field with the time at which the event happened, a `timestamp-millis` or `timestamp-micros`.")
        static let earliest = ConfigOption<Timestamp>(
            "earliest", .timestamp, .required,
            "Earlier event times are not believed: the record goes to the dead letter topic as `time_out_of_range`.")
        static let ahead = ConfigOption<TimeSpan>(
            "ahead", .duration(in: TimeSpan.zero...TimeSpan.tenYears), .optional(default: .day),
            "Event times further ahead of the clock than this are not believed either.")
        static let grace = ConfigOption<TimeSpan>(
            "grace", .duration(in: TimeSpan.zero...TimeSpan.tenYears), .optional(default: .threeDays),
            "How long after its end a window stays open. Later records still count, and are listed as corrections.")

        static let section = ConfigSection(
            name: "time", heading: "sources[].time",
            doc: "Where event time stands in a record, and which times are believable.",
            options: [field, earliest, ahead, grace])
    }

    enum MeterFields {
        static let name = ConfigOption<String>(
            "name", .name, .required, "The meter's name in results; unique in the topology.")
        static let source = ConfigOption<String>("source", .name, .required, "Topic of the source to measure.")
        static let aggregate = ConfigOption<Aggregate>(
            "aggregate", .choice(name: "aggregate"), .required,
            "How the records of a window become one number: `count` of records; `sum`, `min`, `max` or `last` (by event time) of `field`; exact number of `unique` values of `field`."
        )
        static let field = ConfigOption<FieldPath>(
            "field", .path, .derived("required, except for `count`, which has none"), "Field that is measured.")
        static let groupBy = ConfigOption<[Placed<FieldPath>]>(
            "group_by", .list(of: .path), .optional(default: []),
            "Fields whose values split the result further: one number for each combination. The organisation always splits."
        )
        static let window = ConfigOption<WindowSize>(
            "window", .window, .required, "Length of the windows of event time.")

        static let section = ConfigSection(
            name: "meter", heading: "meters[]", doc: "One number per organisation, window and group.",
            options: [name, source, aggregate, field, groupBy, window],
            conditions: [
                .init(name: "if", value: ["properties": ["aggregate": ["const": "count"]]]),
                .init(name: "then", value: ["not": ["required": ["field"]]]),
                .init(name: "else", value: ["required": ["field"]]),
            ])
    }

    enum OutputFields {
        static let table = ConfigOption<String>(
            "table", .table, .required, "PostgreSQL table that holds the results, of the shape of `billing.usage`.")
        static let topic = ConfigOption<String>(
            "topic", .name, .derived("nothing is published"), "Kafka topic for one message per changed result.")
        static let schema = ConfigOption<String>(
            "schema", .name, .optional(default: "billing.usage.v1"),
            "Folder below `schemas/` with the contract of those messages.")
        static let lag = ConfigOption<String>(
            "lag", .name, .derived("nobody is told"),
            "Kafka topic for how the objective was kept: one `slo.lag.v1` message a minute for each partition. `topologies/lag-slo.yaml` brings them to PostgreSQL."
        )

        static let section = ConfigSection(
            name: "outputs", heading: "outputs", doc: "Where results go.", options: [table, topic, schema, lag])
    }

    enum LimitFields {
        private static let defaults = Limits()

        static let batchRecords = ConfigOption<Int>(
            "batch_records", .integer(in: 1...10_000_000), .optional(default: defaults.batchRecords),
            "Records in one transaction at the most.")
        static let batchBytes = ConfigOption<ByteSize>(
            "batch_bytes", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 16 << 30)),
            .optional(default: ByteSize(bytes: defaults.batchBytes)),
            "Payload bytes read for one transaction at the most.")
        static let recordBytes = ConfigOption<ByteSize>(
            "record_bytes", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 512 << 20)),
            .optional(default: ByteSize(bytes: defaults.recordBytes)),
            "A larger record goes to the dead letter topic as `record_too_large`. Not more than `batch_bytes`.")
        static let partitionRecords = ConfigOption<Int>(
            "partition_records", .integer(in: 1...20_000_000), .derived("twice `batch_records`"),
            "Records of one partition that are read and not committed, at the most: above it the partition alone is paused, and read again below half of it."
        )
        static let partitionBytes = ConfigOption<ByteSize>(
            "partition_bytes", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 32 << 30)),
            .derived("twice `batch_bytes`"), "Payload bytes of those records, likewise.")
        static let drain = ConfigOption<TimeSpan>(
            "drain", .duration(in: TimeSpan.zero...TimeSpan.hour), .optional(default: defaults.drain),
            "Time for the last commits when partitions move or the process is told to stop, and as much again for publishing. What does not make it is read again, and counted once."
        )

        static let section = ConfigSection(
            name: "limits", heading: "limits",
            doc:
                "Bounds on what a worker holds at once: what is being filled, in one batch or in several that take turns, and the batch that is being committed. Full, it reads no more; full for two seconds, it pauses its partitions.",
            options: [batchRecords, batchBytes, recordBytes, partitionRecords, partitionBytes, drain])
    }
}
