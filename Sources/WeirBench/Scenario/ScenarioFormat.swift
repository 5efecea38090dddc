// The fields of a scenario file: names, types, defaults and meaning, declared once.

internal import WeirCore

/// The format of scenario files. The loader, its messages, `bench/scenarios/scenario.schema.json` and
/// `docs/scenarios.md` all follow this table.
public enum ScenarioFormat {
    enum Root {
        static let scenario = ConfigOption<String>(
            "scenario",
            .text(name: "name", notation: "letters, digits and any of . _ -", pattern: "[A-Za-z0-9._-]{1,80}"),
            .required, "The scenario's name in results.")
        static let about = ConfigOption<String>(
            "about", .line, .optional(default: ""), "What it is for, in a sentence.")
        static let topology = ConfigOption<String>(
            "topology", .line, .required,
            "The topology's file. Its path, as all paths here, starts in the folder that the command runs in.")
        static let schemas = ConfigOption<String>(
            "schemas", .line, .optional(default: "schemas"), "Folder with the contracts and ids.yaml.")
        static let partitions = ConfigOption<Int>(
            "partitions", .integer(in: ScenarioLimits.partitions), .optional(default: 4), "Partitions of each topic.")
        static let workers = ConfigOption<Int>(
            "workers", .integer(in: ScenarioLimits.workers), .optional(default: 1), "Worker processes.")
        static let warmup = ConfigOption<TimeSpan>(
            "warmup", .duration(in: ScenarioLimits.warmup), .optional(default: .seconds(5)),
            "Time at the beginning that does not count.")
        static let duration = ConfigOption<TimeSpan>(
            "duration", .duration(in: ScenarioLimits.duration), .optional(default: .seconds(20)),
            "Time that counts.")
        static let patience = ConfigOption<TimeSpan>(
            "patience", .duration(in: ScenarioLimits.patience), .optional(default: .seconds(30)),
            "Time that records may take to be done after the last was sent. Those that take longer count as failed.")
        static let session = ConfigOption<TimeSpan>(
            "session_timeout", .duration(in: .seconds(1)...TimeSpan.seconds(3600), inMultiplesOf: .milliseconds(1)),
            .optional(default: .seconds(6)),
            "The consumer group's session time-out: how long a killed worker is waited for.")
        static let rate = ConfigOption<ConfigFields>(
            "rate", .group(RateFields.section), .required, "When events arrive.")
        static let events = ConfigOption<ConfigFields>(
            "events", .group(EventFields.section), .derived("the defaults of its fields"), "What the events are like.")
        static let producer = ConfigOption<ConfigFields>(
            "producer", .group(ProducerFields.section), .derived("the defaults of its fields"),
            "How the load is sent to Kafka.")
        static let kafka = ConfigOption<[Placed<String>]>(
            "kafka", .list(of: .setting), .optional(default: []),
            "librdkafka settings of the workers; its CONFIGURATION.md lists them.")
        static let faults = ConfigOption<[Placed<ConfigFields>]>(
            "faults", .list(of: .group(FaultFields.section)), .optional(default: []), "What goes wrong, and when.")
        static let objective = ConfigOption<ConfigFields>(
            "objective", .group(ObjectiveFields.section), .derived("the defaults of its fields"),
            "What the run is judged by.")

        static let section = ConfigSection(
            name: "the scenario", heading: "scenario", doc: "An experiment of weir bench.",
            options: [
                scenario, about, topology, schemas, partitions, workers, warmup, duration, patience, session, rate,
                events, producer, kafka, faults, objective,
            ])
    }

    enum Shape: String, CaseIterable { case constant, poisson, bursts, diurnal, trace }

    enum RateFields {
        static let shape = ConfigOption<Shape>(
            "shape", .choice(name: "shape"), .optional(default: .constant),
            "`constant`: evenly spaced. `poisson`: independent of each other. `bursts`: `peak` for `length` of each `every`. `diurnal`: up and down by `swing` once in `period`. `trace`: at the times of `file`."
        )
        static let perSecond = ConfigOption<Double>(
            "per_second", .number(in: ScenarioLimits.rate), .derived("required, except for `trace`"),
            "Events a second: between bursts, or the mean of a day.")
        static let peak = ConfigOption<Double>(
            "peak", .number(in: ScenarioLimits.rate), .derived("required for `bursts`"), "Events a second in a burst.")
        static let every = ConfigOption<TimeSpan>(
            "every", .duration(in: .milliseconds(10)...TimeSpan.seconds(86_400)), .optional(default: .seconds(10)),
            "Of `bursts`: from burst to burst.")
        static let length = ConfigOption<TimeSpan>(
            "length", .duration(in: .milliseconds(1)...TimeSpan.seconds(86_400)), .optional(default: .seconds(1)),
            "Of `bursts`: how long one is.")
        static let swing = ConfigOption<Double>(
            "swing", .number(in: 0...0.99), .optional(default: 0.8),
            "Of `diurnal`, 0.8: from a fifth of the mean to 1.8 times it.")
        static let period = ConfigOption<TimeSpan>(
            "period", .duration(in: .seconds(1)...TimeSpan.seconds(86_400 * 7)), .optional(default: .seconds(60)),
            "Of `diurnal`: the length of a day.")
        static let file = ConfigOption<String>(
            "file", .line, .derived("required for `trace`"),
            "Of `trace`: CSV file with a column TIMESTAMP, see [below](#traces).")
        static let speed = ConfigOption<Double>(
            "speed", .number(in: 0.001...100_000), .optional(default: 1), "Of `trace`, 2: its gaps are half as long.")

        static let section = ConfigSection(
            name: "rate", heading: "rate", doc: "When events arrive.",
            options: [shape, perSecond, peak, every, length, swing, period, file, speed],
            conditions: kinds.conditions)

        /// A rate is one of these shapes, and has the fields of that one.
        static let kinds = FieldsByKind(
            of: shape,
            [
                .init(perSecond, of: [.constant, .poisson, .bursts, .diurnal], isRequired: true),
                .init(peak, of: [.bursts], isRequired: true), .init(every, of: [.bursts]), .init(length, of: [.bursts]),
                .init(swing, of: [.diurnal]), .init(period, of: [.diurnal]),
                .init(file, of: [.trace], isRequired: true), .init(speed, of: [.trace]),
            ])
    }

    enum EventFields {
        static let organisations = ConfigOption<Int>(
            "organisations", .integer(in: 1...10_000_000), .optional(default: 500), "How many there are.")
        static let law = ConfigOption<OrganisationLaw>(
            "law", .choice(name: "law"), .optional(default: .zipf),
            "By which organisations are drawn. `zipf`: the k-th in proportion to k^-skew. `pareto`: to k^-skew − (k+1)^-skew, as W1."
        )
        static let skew = ConfigOption<Double>(
            "skew", .number(in: 0...10), .optional(default: 1.1), "The law's exponent; 0 draws all alike.")
        static let hot = ConfigOption<Double>(
            "hot", .number(in: 0...1), .optional(default: 0), "Share of events that are the first organisation's.")
        static let repeats = ConfigOption<Double>(
            "repeats", .number(in: 0...0.99), .optional(default: 0.05), "Share of records that repeat an earlier one.")
        static let late = ConfigOption<Double>(
            "late", .number(in: 0...1), .optional(default: 0.01), "Share of events that are up to 30 minutes late.")
        static let poison = ConfigOption<Double>(
            "poison", .number(in: 0...0.99), .optional(default: 0), "Share of records that must become dead letters.")
        static let textBytes = ConfigOption<ByteSize>(
            "text_bytes", .size(in: ByteSize(bytes: 1)...ByteSize(bytes: 1 << 20)), .derived("short ones"),
            "Size of each string and byte string that the topology does not read: makes payloads larger.")
        static let seed = ConfigOption<Int>(
            "seed", .integer(in: 1...Int.max), .optional(default: 1), "The same seed makes the same arrivals.")

        static let section = ConfigSection(
            name: "events", heading: "events", doc: "What the events are like.",
            options: [organisations, law, skew, hot, repeats, late, poison, textBytes, seed])
    }

    enum ProducerFields {
        static let acks = ConfigOption<Scenario.Acknowledgement>(
            "acks", .choice(name: "acknowledgement"), .optional(default: .all),
            "Who must have a record: `all` in-sync replicas, or the `leader`.")
        static let compression = ConfigOption<Scenario.Compression>(
            "compression", .choice(name: "compression"), .optional(default: .none), "Of batches.")
        static let linger = ConfigOption<TimeSpan>(
            "linger", .duration(in: .zero...TimeSpan.seconds(60), inMultiplesOf: .milliseconds(1)),
            .optional(default: .milliseconds(5)),
            "How long a record waits for others to share its batch. It is part of every lag.")

        static let section = ConfigSection(
            name: "producer", heading: "producer", doc: "How the load is sent to Kafka.",
            options: [acks, compression, linger])
    }

    enum FaultFields {
        static let at = ConfigOption<TimeSpan>(
            "at", .duration(in: .zero...TimeSpan.seconds(86_400 * 7)), .required, "Time since the start of the warm-up."
        )
        static let kind = ConfigOption<Scenario.Fault.Kind>(
            "kind", .choice(name: "fault"), .required,
            "`kill`, `freeze` or `restart` a worker; `stop_postgres` (its processes stand still); `delay_broker`.")
        static let worker = ConfigOption<Int>(
            "worker", .integer(in: ScenarioLimits.workers), .optional(default: 1),
            "Of `kill`, `freeze` and `restart`: the worker that it is done to.")
        static let length = ConfigOption<TimeSpan>(
            "for", .duration(in: .zero...TimeSpan.seconds(86_400)), .optional(default: .seconds(1)),
            "How long it lasts; how long a killed worker is away.")
        static let delay = ConfigOption<TimeSpan>(
            "delay", .duration(in: .milliseconds(1)...TimeSpan.seconds(60), inMultiplesOf: .milliseconds(1)),
            .optional(default: .milliseconds(100)),
            "Of `delay_broker`: how much longer each answer of the broker takes.")

        static let section = ConfigSection(
            name: "fault", heading: "faults[]", doc: "Something that goes wrong.",
            options: [at, kind, worker, length, delay], conditions: kinds.conditions)

        /// A fault is one of these kinds, and has the fields of that one.
        static let kinds = FieldsByKind(
            of: kind, [.init(worker, of: [.kill, .freeze, .restart]), .init(delay, of: [.delayBroker])])
    }

    enum ObjectiveFields {
        static let p99 = ConfigOption<TimeSpan>(
            "p99", .duration(in: ScenarioLimits.objective), .optional(default: .seconds(2)),
            "99 of 100 records are durable within this time.")

        static let section = ConfigSection(
            name: "objective", heading: "objective", doc: "What the run is judged by.", options: [p99])
    }
}
