// The fields about trouble: retries, the breaker, quotas.

extension TopologyFormat {
    enum RetryFields {
        static let sink = ConfigOption<ConfigFields>(
            "sink", .group(SinkRetryFields.section), .derived("the defaults of its fields"),
            "When PostgreSQL, the brokers or the schema registry are away. There is no deadline: Weir pauses and waits."
        )
        static let schema = ConfigOption<ConfigFields>(
            "schema", .group(SchemaRetryFields.section), .derived("the defaults of its fields"),
            "When a record's schema id is unknown: the record is put aside in `weir.parked`, others go on.")

        static let section = ConfigSection(
            name: "retry", heading: "retry",
            doc:
                "How failures that may heal are tried again: exponentially, with full jitter. Bad records are not retried, they are dead letters at once.",
            options: [sink, schema])
    }

    enum SinkRetryFields {
        private static let defaults = Retries()

        static let first = ConfigOption<TimeSpan>(
            "first", .duration(in: TimeSpan.milliseconds(1)...TimeSpan.hour),
            .optional(default: defaults.sink.first), "Longest first wait.")
        static let longest = ConfigOption<TimeSpan>(
            "longest", .duration(in: TimeSpan.milliseconds(1)...TimeSpan.hour),
            .optional(default: defaults.sink.longest), "Longest wait.")

        static let section = ConfigSection(
            name: "sink", heading: "retry.sink", doc: "Waits for PostgreSQL, the brokers and the schema registry.",
            options: [first, longest])
    }

    enum SchemaRetryFields {
        private static let defaults = Retries()

        static let first = ConfigOption<TimeSpan>(
            "first", .duration(in: TimeSpan.milliseconds(1)...TimeSpan.hour),
            .optional(default: defaults.schema.first), "Longest first wait before the schemas are read again.")
        static let longest = ConfigOption<TimeSpan>(
            "longest", .duration(in: TimeSpan.milliseconds(1)...TimeSpan.hour),
            .optional(default: defaults.schema.longest), "Longest wait.")
        static let deadline = ConfigOption<TimeSpan>(
            "deadline", .duration(in: TimeSpan.zero...TimeSpan.day),
            .optional(default: defaults.schemaDeadline),
            "After this long the record is a dead letter, `unknown_schema`; `0s` does not wait at all.")

        static let section = ConfigSection(
            name: "schema", heading: "retry.schema", doc: "Waits for a schema to be there.",
            options: [first, longest, deadline])
    }

    enum BreakerFields {
        private static let defaults = BreakerPolicy()

        static let deadLetterPercent = ConfigOption<Int>(
            "dead_letter_percent", .integer(in: 0...100), .optional(default: defaults.deadLetterPercent),
            "More dead letters than this of a hundred records, and the topology stops before it commits them; 100 never stops."
        )
        static let over = ConfigOption<Int>(
            "over", .integer(in: 1...10_000_000), .optional(default: defaults.over),
            "The share is taken of at least so many records of a worker.")

        static let section = ConfigSection(
            name: "breaker", heading: "breaker",
            doc: "Stops a topology that would turn its topics into dead letters, as after a bad deployment.",
            options: [deadLetterPercent, over])
    }

    enum QuotaFields {
        static let eventsPerSecond = ConfigOption<Int>(
            "events_per_second", .integer(in: 1...1_000_000_000), .derived("no limit"),
            "Events of each source that an organisation may send.")
        static let bytesPerSecond = ConfigOption<ByteSize>(
            "bytes_per_second", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 16 << 30)), .derived("no limit"),
            "Payload bytes of each source that an organisation may send.")
        static let burst = ConfigOption<TimeSpan>(
            "burst", .duration(in: TimeSpan.second...TimeSpan.hour), .optional(default: .seconds(10)),
            "After a quiet time this much of the quota may come at once.")
        static let over = ConfigOption<Quotas.Excess>(
            "over", .choice(name: "treatment"), .optional(default: .delay),
            "What comes above the quota: `delay` keeps it in `weir.parked` and meters it as the quota allows; `divert` publishes it to `<topic>.overflow` and does not meter it. Nothing is dropped."
        )
        static let organisations = ConfigOption<[Placed<ConfigFields>]>(
            "organisations", .list(of: .group(OrganisationQuotaFields.section)), .optional(default: []),
            "Organisations with quotas of their own.")

        static let section = ConfigSection(
            name: "quotas", heading: "quotas",
            doc:
                "Quotas of each organisation and source, counted where its events are read: with the organisation as Kafka key that is one partition, so one worker counts them all.",
            options: [eventsPerSecond, bytesPerSecond, burst, over, organisations])
    }

    enum OrganisationQuotaFields {
        static let organisation = ConfigOption<String>(
            "organisation", .organisation, .required, "The organisation, as its events name it.")
        static let eventsPerSecond = ConfigOption<Int>(
            "events_per_second", .integer(in: 1...1_000_000_000), .derived("no limit"), "Its events per second.")
        static let bytesPerSecond = ConfigOption<ByteSize>(
            "bytes_per_second", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 16 << 30)), .derived("no limit"),
            "Its payload bytes per second.")

        static let section = ConfigSection(
            name: "organisation's quota", heading: "quotas.organisations[]",
            doc: "An organisation's own quota, in place of the usual one as a whole.",
            options: [organisation, eventsPerSecond, bytesPerSecond])
    }
}
