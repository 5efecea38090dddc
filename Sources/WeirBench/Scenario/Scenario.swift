// One experiment: what is sent, how fast, to what, and what goes wrong meanwhile.

public import WeirCore
public import WeirKafka

public struct Scenario: Sendable, Equatable {
    public enum Acknowledgement: String, Sendable, CaseIterable { case all, leader }
    public enum Compression: String, Sendable, CaseIterable { case none, gzip, snappy, lz4, zstd }

    public struct Fault: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable, Codable {
            /// SIGKILL to a worker; a new one comes in its place.
            case kill
            /// SIGSTOP to a worker, then SIGCONT.
            case freeze
            /// SIGTERM to a worker; a new one comes in its place.
            case restart
            /// SIGSTOP to PostgreSQL, then SIGCONT.
            case stopPostgres = "stop_postgres"
            /// Every answer of the broker takes longer.
            case delayBroker = "delay_broker"
        }

        /// Seconds after the start of the warm-up.
        public var at: Double
        public var kind: Kind
        /// From 1.
        public var worker: Int
        /// Seconds.
        public var length: Double
        /// Seconds, of `delayBroker`.
        public var delay: Double
    }

    public struct Objective: Sendable, Equatable {
        /// Milliseconds.
        public var p99: Double
    }

    /// Where the file says what may turn out to be wrong only after it was read.
    public struct Places: Sendable, Equatable {
        public var topology: ConfigPosition
        public var schemas: ConfigPosition
        public var rate: ConfigPosition
    }

    public var name: String
    public var about: String
    public var file: String
    /// The file as it is, for the report.
    public var text: String
    public var topology: String
    public var schemas: String
    public var partitions: Int
    public var workers: Int
    /// Seconds.
    public var warmup: Double
    public var duration: Double
    public var patience: Double
    public var sessionTimeout: TimeSpan
    public var plan: RatePlan
    public var seed: UInt64
    public var organisations: Int
    public var law: OrganisationLaw
    public var skew: Double
    public var hot: Double
    public var repeats: Double
    public var late: Double
    public var poison: Double
    /// Of strings and bytes in fields that the topology does not read; nil for short ones.
    public var textBytes: Int?
    public var acks: Acknowledgement
    public var compression: Compression
    public var linger: TimeSpan
    public var kafka: [String]
    public var faults: [Fault]
    public var objective: Objective
    public var places: Places

    public static func == (a: Scenario, b: Scenario) -> Bool { a.text == b.text && a.file == b.file }

    /// Settings of the sender.
    public var producer: KafkaSettings {
        [
            ("acks", acks == .all ? "all" : "1"), ("enable.idempotence", acks == .all ? "true" : "false"),
            ("compression.type", compression.rawValue), ("linger.ms", String(linger.microseconds / 1000)),
        ]
    }

    /// Records without end; whoever asks for one says when it arrives.
    ///
    /// - Parameter seed: of this run of the scenario; two runs with the same seed send the same events again.
    public func generator(now: Timestamp, seed: UInt64) -> GeneratorOptions {
        var options = GeneratorOptions(now: now)
        // Thirty years' worth, at a rate that no plan reaches.
        options.rate = 1e6
        options.events = 1_000_000_000_000_000
        options.seed = seed
        options.organisations = organisations
        options.law = law
        options.skew = skew
        options.hot = hot
        options.repeats = repeats
        options.late = late
        options.poison = poison
        options.textBytes = textBytes
        // What was billed is compared by its counts; the generator's core is the system's as well.
        options.keepsTotals = false
        return options
    }
}
