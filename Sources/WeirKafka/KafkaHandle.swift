// One librdkafka client: made from settings, freed exactly once.

internal import CRdkafka

/// Name and value as in librdkafka's CONFIGURATION.md. Later ones win.
public typealias KafkaSettings = [(name: String, value: String)]

public enum Kafka {
    /// Version of the librdkafka that this process runs with.
    public static var libraryVersion: String { String(cString: rd_kafka_version_str()) }

    /// Tells a setting that librdkafka does not know, or whose value it does not take, before any client is made of it.
    public static func check(_ setting: (name: String, value: String)) throws(KafkaError) {
        let configuration = rd_kafka_conf_new()
        defer { rd_kafka_conf_destroy(configuration) }
        var text = [CChar](repeating: 0, count: 512)
        guard
            rd_kafka_conf_set(configuration, setting.name, setting.value, &text, text.count) == RD_KAFKA_CONF_OK
        else { throw KafkaError(configuration: KafkaHandle.string(text)) }
    }
}

/// Owns an `rd_kafka_t` and what its callbacks need.
///
/// Not Sendable: a client belongs to one thread. Callbacks for rebalances run on that thread, inside
/// `poll` and `close`; only log lines come from librdkafka's own threads.
final class KafkaHandle {
    let client: OpaquePointer
    private let hooks: Unmanaged<KafkaHooks>

    init(_ kind: rd_kafka_type_t, _ settings: KafkaSettings, hooks: KafkaHooks, events: Int32 = 0)
        throws(KafkaError)
    {
        let configuration = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 512)
        for setting in settings {
            guard rd_kafka_conf_set(configuration, setting.name, setting.value, &text, text.count) == RD_KAFKA_CONF_OK
            else {
                rd_kafka_conf_destroy(configuration)
                throw KafkaError(configuration: Self.string(text))
            }
        }
        let retained = Unmanaged.passRetained(hooks)
        rd_kafka_conf_set_opaque(configuration, retained.toOpaque())
        rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
            guard let client, let text, let hooks = KafkaHooks.of(client) else { return }
            hooks.log(Int(level), facility.map { String(cString: $0) } ?? "", String(cString: text))
        }
        if kind == RD_KAFKA_CONSUMER { KafkaConsumer.installRebalanceCallback(configuration) }
        if events != 0 { rd_kafka_conf_set_events(configuration, events) }
        guard let client = rd_kafka_new(kind, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            retained.release()
            throw KafkaError(configuration: Self.string(text))
        }
        self.client = client
        self.hooks = retained
    }

    deinit {
        guard hooks.takeUnretainedValue().dangers.isEmpty else { return }
        rd_kafka_destroy(client)
        hooks.release()
    }

    fileprivate static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What librdkafka calls back into.
final class KafkaHooks {
    /// Level (syslog: 3 is error, 4 warning), facility, text. Called on any thread.
    let log: @Sendable (Int, String, String) -> Void
    /// Called on the polling thread only.
    var rebalance: ((Rebalance) -> Void)?
    /// The group gave something and waits for `assign`.
    var isAnswerDue = false
    var isClosing = false
    /// Why this client must never be destroyed. It is then left behind, idle.
    var dangers: Dangers = []

    /// What librdkafka 2.0.2 was seen to do, the first two in a cooperative group.
    struct Dangers: OptionSet {
        let rawValue: Int
        /// Destroyed after it joined and before its first assignment, it aborts the process (#4381, until 2.3).
        static let destroying = Dangers(rawValue: 1)
        /// Given nothing while it closes, it never ends (#4527, until 2.4).
        static let closing = Dangers(rawValue: 2)
        /// Destroyed after a broker could not describe groups, it waits for ever.
        static let describing = Dangers(rawValue: 4)
        /// Closing, it waits for an answer that a broker does not give.
        static let waiting = Dangers(rawValue: 8)
    }

    init(log: @escaping @Sendable (Int, String, String) -> Void) { self.log = log }

    static func of(_ client: OpaquePointer) -> KafkaHooks? {
        rd_kafka_opaque(client).map { Unmanaged<KafkaHooks>.fromOpaque($0).takeUnretainedValue() }
    }
}
