// An error of librdkafka, with its code's name and what it says about retrying.

internal import CRdkafka

public struct KafkaError: Error, Sendable, CustomStringConvertible, Equatable {
    /// The code's symbolic name: `UNKNOWN_TOPIC_OR_PART`, `_ALL_BROKERS_DOWN`; `_CONFIG` for bad settings.
    public let name: String
    public let message: String

    init(_ code: rd_kafka_resp_err_t, _ message: String? = nil) {
        name = String(cString: rd_kafka_err2name(code))
        self.message = message ?? String(cString: rd_kafka_err2str(code))
    }

    init(configuration message: String) {
        name = "_CONFIG"
        self.message = message
    }

    public var description: String { "Kafka: \(message) (\(name))" }

    /// The client can never work again: fenced by another of the same name, or not allowed to.
    public var isFatal: Bool { name == "_FATAL" || name == "FENCED_INSTANCE_ID" || name == "_FENCED" }

    /// A setting that librdkafka does not know or take.
    public var isConfiguration: Bool { name == "_CONFIG" }

    /// The broker does not know the request.
    public var isUnsupported: Bool { name == "_UNSUPPORTED_FEATURE" || name == "UNSUPPORTED_VERSION" }

    /// The log no longer holds the wanted offset, or never did.
    public var isOffsetOutOfRange: Bool { name == "_AUTO_OFFSET_RESET" || name == "OFFSET_OUT_OF_RANGE" }

    /// Nothing is left to read for now (with `enable.partition.eof`).
    public var isPartitionEnd: Bool { name == "_PARTITION_EOF" }

    /// The message can never be sent as it is, however often it is tried.
    public var isMessageRefused: Bool {
        name == "MSG_SIZE_TOO_LARGE" || name == "INVALID_MSG_SIZE" || name == "INVALID_RECORD"
    }

    /// Takes ownership of librdkafka's error object; nil for success.
    static func taking(_ error: OpaquePointer?) -> KafkaError? {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        return KafkaError(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
    }
}
