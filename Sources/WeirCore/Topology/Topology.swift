// What a topology is, once read and checked: sources, meters, outputs and limits as plain values.

/// One metering job: the topics it reads, what it meters from them, and where results go.
///
/// Invariants (held by the loader): names are unique, every meter names a source of the topology,
/// and every field named is a path into that source's schema.
public struct Topology: Sendable, Equatable {
    /// Names the consumer group and all state in PostgreSQL; changing it starts a new job from nothing.
    public var name: String
    public var version: Int
    /// Kafka consumer group; `weir.<name>` unless the file says otherwise.
    public var group: String
    public var sources: [Source]
    public var meters: [Meter]
    public var outputs: Outputs
    public var limits: Limits
    public var retries: Retries
    public var breaker: BreakerPolicy
    /// Nil sets no quota.
    public var quotas: Quotas?
    public var objective: Objective

    public init(
        name: String, version: Int, group: String, sources: [Source], meters: [Meter], outputs: Outputs,
        limits: Limits, retries: Retries = Retries(), breaker: BreakerPolicy = BreakerPolicy(), quotas: Quotas? = nil,
        objective: Objective = Objective()
    ) {
        self.name = name
        self.version = version
        self.group = group
        self.sources = sources
        self.meters = meters
        self.outputs = outputs
        self.limits = limits
        self.retries = retries
        self.breaker = breaker
        self.quotas = quotas
        self.objective = objective
    }
}

/// A topic that a topology reads, and which of its fields mean what.
public struct Source: Sendable, Equatable {
    public var topic: String
    /// Folder below `schemas/` that holds the contract's versions.
    public var schema: String
    /// Field that the Kafka record key repeats. It decides the partition, so every repeat of an
    /// idempotency key meets the same state.
    public var key: FieldPath
    /// Field that holds the organisation.
    public var organisation: FieldPath
    public var idempotency: Idempotency
    public var time: EventTime
    /// What to do when records are gone before they were read.
    public var onGap: GapPolicy

    public init(
        topic: String, schema: String, key: FieldPath, organisation: FieldPath, idempotency: Idempotency,
        time: EventTime, onGap: GapPolicy = .stop
    ) {
        self.topic = topic
        self.schema = schema
        self.key = key
        self.organisation = organisation
        self.idempotency = idempotency
        self.time = time
        self.onGap = onGap
    }
}

/// What to do when the log no longer holds records that were not read yet.
public enum GapPolicy: String, Sendable, CaseIterable {
    /// The partition stops, its offset stays; an operator decides.
    case stop
    /// What is missing is recorded in weir.gap, and reading goes on behind it.
    case `continue`
}

/// How repeats of one event are recognised: same organisation and same key within the retention.
public struct Idempotency: Sendable, Equatable {
    public var field: FieldPath
    /// A key is remembered at least this long after Weir committed its first record.
    public var retention: TimeSpan
    /// Top-level fields that may differ between a record and its repeat without being a conflict
    /// (an event id that a producer makes anew on each attempt).
    public var ignoring: [FieldPath]

    public init(field: FieldPath, retention: TimeSpan, ignoring: [FieldPath]) {
        self.field = field
        self.retention = retention
        self.ignoring = ignoring
    }
}

/// Where event time stands in a record, and which times are believable.
public struct EventTime: Sendable, Equatable {
    public var field: FieldPath
    /// Earlier event times are dead-lettered as `time_out_of_range`.
    public var earliest: Timestamp
    /// Event times further ahead of the clock than this are dead-lettered as `time_out_of_range`.
    public var ahead: TimeSpan
    /// After a window's end plus this, a late record still counts, and is listed as a correction.
    public var grace: TimeSpan

    public init(field: FieldPath, earliest: Timestamp, ahead: TimeSpan, grace: TimeSpan) {
        self.field = field
        self.earliest = earliest
        self.ahead = ahead
        self.grace = grace
    }
}

/// One number per organisation, window and group of dimensions.
public struct Meter: Sendable, Equatable {
    public var name: String
    /// Topic of the source it reads.
    public var source: String
    public var aggregate: Aggregate
    /// The measure; nil exactly for `count`.
    public var field: FieldPath?
    public var groupBy: [FieldPath]
    public var window: WindowSize

    public init(
        name: String, source: String, aggregate: Aggregate, field: FieldPath?, groupBy: [FieldPath],
        window: WindowSize
    ) {
        self.name = name
        self.source = source
        self.aggregate = aggregate
        self.field = field
        self.groupBy = groupBy
        self.window = window
    }

    /// What the meter computes, in words: `sum(bytes) of storage.usage.v1 by region per 1h`. Stored with
    /// the results, and compared when a topology starts: a meter's name keeps its meaning.
    public var definition: String {
        let measure = field.map { "(\($0))" } ?? ""
        let groups = groupBy.isEmpty ? "" : " by " + groupBy.map(\.description).joined(separator: ", ")
        return "\(aggregate.rawValue)\(measure) of \(source)\(groups) per \(window)"
    }
}

public enum Aggregate: String, Sendable, CaseIterable {
    case count, sum, min, max, last
    /// Exact number of distinct values of the field.
    case unique
}

/// Where results go.
public struct Outputs: Sendable, Equatable {
    /// Schema-qualified PostgreSQL table of the shape of `billing.usage`.
    public var table: String
    /// Topic for one message per changed window; nil publishes nothing.
    public var topic: String?
    /// Folder below `schemas/` with the contract of `topic`.
    public var schema: String
    /// Topic for what each partition's lag was, minute by minute; nil tells nobody.
    public var lag: String?

    public init(table: String, topic: String?, schema: String, lag: String? = nil) {
        self.table = table
        self.topic = topic
        self.schema = schema
        self.lag = lag
    }

    /// Folder below `schemas/` with the contract of `lag`.
    public static let lagSchema = "slo.lag.v1"
}

/// Bounds on what a worker holds at once.
public struct Limits: Sendable, Equatable {
    /// Records in one transaction at the most.
    public var batchRecords: Int
    /// Payload bytes read for one transaction at the most.
    public var batchBytes: Int
    /// A larger record is dead-lettered as `record_too_large`.
    public var recordBytes: Int
    /// Records of one partition that are read and not committed, at the most; nil leaves it to the batches.
    public var partitionRecords: Int?
    /// Their payload bytes.
    public var partitionBytes: Int?
    /// For the last commits when partitions or the process go away.
    public var drain: TimeSpan

    public init(
        batchRecords: Int = 100_000, batchBytes: Int = 64 << 20, recordBytes: Int = 1 << 20,
        partitionRecords: Int? = nil, partitionBytes: Int? = nil, drain: TimeSpan = .seconds(10)
    ) {
        self.batchRecords = batchRecords
        self.batchBytes = batchBytes
        self.recordBytes = recordBytes
        self.partitionRecords = partitionRecords
        self.partitionBytes = partitionBytes
        self.drain = drain
    }
}
