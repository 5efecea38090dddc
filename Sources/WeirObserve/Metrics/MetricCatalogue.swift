// Every metric that Weir tells, in the order of the page.

/// A metric that is not here cannot be told, and one that is here is documented.
public enum MetricCatalogue {
    private static let topology = ["topology"]
    private static let partition = ["topology", "topic", "partition"]

    // MARK: Records

    static let records = MetricFamily(
        "weir_records_total", .counter, partition + ["outcome"],
        "Records committed, by what became of them: counted, duplicate, conflict, dead_letter, diverted.")
    static let deadLetters = MetricFamily(
        "weir_dead_letters_total", .counter, partition + ["reason"],
        "Dead letters, by reason; of each topic and partition only reasons that occurred.")
    static let late = MetricFamily(
        "weir_late_records_total", .counter, partition,
        "Of the counted records those that came after their window's end plus grace, and so are corrections.")
    static let parked = MetricFamily(
        "weir_parked_records_total", .counter, partition,
        "Records put aside in weir.parked, for a quota or an unknown schema.")

    // MARK: Lag

    static let recordLag = MetricFamily(
        "weir_record_lag_seconds", .histogram, unit: "seconds", partition,
        "From a record's Kafka timestamp to the commit of its effect. Without records delayed by their organisation's quota."
    )
    static let eventLag = MetricFamily(
        "weir_event_lag_seconds", .histogram, unit: "seconds", partition,
        "From the time an event names itself to the commit of its effect; of counted records only.")
    static let objectiveGood = MetricFamily(
        "weir_objective_good_records_total", .counter, partition,
        "Records committed within the objective's line of their Kafka timestamp.")
    static let objectiveRecords = MetricFamily(
        "weir_objective_records_total", .counter, partition,
        "Records that the objective is about: all committed ones but those delayed by their organisation's quota.")
    static let unmeasured = MetricFamily(
        "weir_unmeasured_records_total", .counter, partition,
        "Records without a Kafka timestamp or with one further ahead than the objective's line: not counted as good.")
    static let objectiveLine = MetricFamily(
        "weir_objective_lag_seconds", .gauge, unit: "seconds", topology,
        "The objective's line: 2 for `p99 < 2s over 30d`.")
    static let objectiveShare = MetricFamily(
        "weir_objective_share_ratio", .gauge, unit: "ratio", topology,
        "The share of records that must be in time: 0.99 for `p99 < 2s over 30d`.")
    static let objectivePeriod = MetricFamily(
        "weir_objective_period_seconds", .gauge, unit: "seconds", topology,
        "The time the objective is taken over: 2592000 for `p99 < 2s over 30d`.")

    static let lagReports = MetricFamily(
        "weir_lag_reports_total", .counter, topology + ["outcome"],
        "Messages about lag for the topology's `outputs.lag`, by what became of them: sent, dropped. The minutes of those that were dropped read as bad."
    )

    // MARK: Partitions

    static let oldestAge = MetricFamily(
        "weir_partition_oldest_record_age_seconds", .gauge, unit: "seconds", partition,
        "Age of the oldest record that is not committed, of partitions held by this process, or let go by it and not known to be anybody's. Rises whenever something stands still or cannot be seen; 0 if nothing waits."
    )
    static let offsetLag = MetricFamily(
        "weir_partition_lag_offsets", .gauge, partition,
        "Offsets from the committed one to the log's end, as the broker said last; missing if it cannot be asked.")
    static let committed = MetricFamily(
        "weir_partition_committed_offset", .gauge, partition, "First offset whose effect is not committed.")
    static let logEnd = MetricFamily(
        "weir_partition_log_end_offset", .gauge, partition,
        "The offset after the log's last record, as the broker said last.")
    static let looked = MetricFamily(
        "weir_partition_log_looked_seconds", .gauge, unit: "seconds", partition,
        "Seconds since the broker was last asked about the partition's log with success.")
    static let phase = MetricFamily(
        "weir_partition_phase", .gauge, partition + ["phase"],
        "1 for what a partition held by this process is busy with: claiming, restoring, running, paused, asking, inspecting, stopped; 0 for the others."
    )
    static let epoch = MetricFamily(
        "weir_partition_epoch", .gauge, partition, "The epoch that the holder's commits name; it rises with each owner."
    )
    static let waiting = MetricFamily(
        "weir_waiting_records", .gauge, partition + ["cause"],
        "Records in weir.parked now, by cause: quota, schema.")
    static let waitingAge = MetricFamily(
        "weir_waiting_oldest_age_seconds", .gauge, unit: "seconds", partition,
        "How long the oldest record in weir.parked has waited there; missing if none does.")
    static let keys = MetricFamily(
        "weir_remembered_keys", .gauge, partition, "Idempotency keys in memory.")

    // MARK: Topology

    static let info = MetricFamily(
        "weir_topology_info", .info, ["topology", "version", "group", "objective"], "A topology that this process runs."
    )
    static let commits = MetricFamily(
        "weir_commits_total", .counter, topology, "Transactions committed.")
    static let commitTime = MetricFamily(
        "weir_commit_seconds_total", .counter, unit: "seconds", topology,
        "Time from a batch's leaving for PostgreSQL to the answer that it is in, failed attempts included. Divided by "
            + "weir_commits_total it is how long a commit takes.")
    static let failedCommits = MetricFamily(
        "weir_commit_failures_total", .counter, topology, "Attempts to commit that failed and were made again.")
    static let windows = MetricFamily(
        "weir_usage_rows_written_total", .counter, topology,
        "Rows of usage written: windows that changed, once for each commit.")
    static let published = MetricFamily(
        "weir_published_messages_total", .counter, topology, "Messages that a broker has acknowledged.")
    static let stalls = MetricFamily(
        "weir_stalls_total", .counter, topology,
        "Times a worker found itself silent before a log with records, and joined its group anew.")
    static let workers = MetricFamily(
        "weir_workers", .gauge, topology + ["state"], "Workers of this process: members of their group, or joining it.")
    static let failed = MetricFamily(
        "weir_topology_failed", .gauge, topology,
        "1 if something ended the topology's workers; the process is about to end, too.")
    static let delayed = MetricFamily(
        "weir_delayed_organisations", .gauge, topology,
        "Organisations over their quota, of which records wait; one that is over it in two sources counts twice.")
    static let restoredKeys = MetricFamily(
        "weir_restored_keys", .gauge, topology, "Keys read back so far of partitions that are being restored.")
    static let keysToRestore = MetricFamily(
        "weir_restorable_keys", .gauge, topology, "Keys to read back of partitions that are being restored.")

    // MARK: Outbox and database

    static let outboxMessages = MetricFamily(
        "weir_outbox_messages", .gauge, topology,
        "Messages that this process has committed or taken over and not published yet.")
    static let outboxBytes = MetricFamily(
        "weir_outbox_bytes", .gauge, unit: "bytes", topology, "Their size. Commits wait above 64 MiB for each worker.")
    static let outboxAge = MetricFamily(
        "weir_outbox_oldest_age_seconds", .gauge, unit: "seconds", topology,
        "Age of the oldest of them; 0 if there are none.")
    static let storedMessages = MetricFamily(
        "weir_outbox_stored_messages", .gauge, topology, "Messages in weir.outbox, of whatever process.")
    static let storedAge = MetricFamily(
        "weir_outbox_stored_oldest_age_seconds", .gauge, unit: "seconds", topology,
        "Age of the oldest row in weir.outbox, of whatever process; 0 if it is empty.")
    static let databaseBytes = MetricFamily(
        "weir_database_size_bytes", .gauge, unit: "bytes", topology, "Size of the database that the topology writes to."
    )
    static let slotBytes = MetricFamily(
        "weir_replication_slot_retained_bytes", .gauge, unit: "bytes", topology + ["slot"],
        "Write-ahead log that PostgreSQL keeps for a replication slot.")
    static let databaseLooked = MetricFamily(
        "weir_database_looked_seconds", .gauge, unit: "seconds", topology,
        "Seconds since PostgreSQL was last asked about these with success.")

    // MARK: Process

    static let build = MetricFamily(
        "weir_build_info", .info, ["version", "librdkafka"], "This Weir, and the Kafka client that it runs with.")
    static let ready = MetricFamily("weir_ready", .gauge, "1 if `/readyz` says so.")
    static let telemetry = MetricFamily(
        "weir_telemetry_items_total", .counter, ["signal", "outcome"],
        "Spans, log lines and metric samples for `--otlp` (signal: traces, logs, metrics), by what became of them: sent, overflow (the queue was full), refused (by the collector), given_up (no answer for a minute, or until the end)."
    )
    static let facadeRefused = MetricFamily(
        "weir_facade_refused_total", .counter, ["reason"],
        "Metrics of swift-metrics that are not told, each time one is made: their name is something else's (clash), or there are 2,000 series already (limit)."
    )
    static let processCPU = MetricFamily(
        "process_cpu_seconds_total", .counter, unit: "seconds", "CPU time of the process, user and system.")
    static let processMemory = MetricFamily(
        "process_resident_memory_bytes", .gauge, unit: "bytes", "Memory of the process that is in RAM.")
    static let processStart = MetricFamily(
        "process_start_time_seconds", .gauge, unit: "seconds", "When the process started, seconds since 1970.")
    static let processFiles = MetricFamily("process_open_fds", .gauge, "Open files and sockets.")

    // MARK: Edges

    static let httpRequests = MetricFamily(
        "weir_http_requests_total", .counter, ["route", "status"],
        "Requests to the console's address, by what was asked for (page, status, events, dead_letter, metrics, probe, other) and the answer's status."
    )
    static let registryRequests = MetricFamily(
        "weir_registry_requests_total", .counter, ["outcome"],
        "Requests to schema registries, by what came of them: answered, absent, incompatible, invalid, refused, unavailable."
    )
    static let registryTime = MetricFamily(
        "weir_registry_request_seconds", .histogram, unit: "seconds",
        "From a request to a schema registry to its answer, or to giving up.")

    /// Told through swift-metrics by whoever does the work, under these names and with these labels.
    package static let facade: [MetricFamily] = [httpRequests, registryRequests, registryTime]

    public static let all: [MetricFamily] = [
        records, deadLetters, late, parked, recordLag, eventLag, objectiveGood, objectiveRecords, unmeasured,
        objectiveLine, objectiveShare, objectivePeriod, lagReports, oldestAge, offsetLag, committed, logEnd, looked,
        phase, epoch,
        waiting, waitingAge, keys, info, commits, commitTime, failedCommits, windows, published, stalls, workers,
        failed, delayed,
        restoredKeys, keysToRestore, outboxMessages, outboxBytes, outboxAge, storedMessages, storedAge, databaseBytes,
        slotBytes, databaseLooked, build, ready, telemetry, facadeRefused, processCPU, processMemory, processStart,
        processFiles, httpRequests, registryRequests, registryTime,
    ]
}

extension MetricFamily {
    fileprivate init(_ name: String, _ kind: Kind, unit: String = "", _ help: String) {
        self.init(name, kind, unit: unit, [], help)
    }
}
