// The ways in which a generated record can be wrong, each with the reason it is a dead letter for.

public import WeirCore

/// One flaw. Apart from it the record is as good as any other, so that the reason is certain.
public enum PoisonKind: String, Sendable, CaseIterable {
    /// A valid frame, but the body ends too early.
    case truncated
    /// A valid record, and bytes after it.
    case trailing
    /// JSON without a frame.
    case unframed
    /// A frame with a schema id that nobody gave out.
    case schema
    /// No value at all.
    case empty
    /// No Kafka key.
    case keyless
    /// The Kafka key of somebody else.
    case mismatch
    /// Organisation null or empty.
    case organisation
    /// Idempotency key null or empty.
    case idempotency
    /// Event time in the year 1.
    case ancient
    /// Event time in the year 3000.
    case future
    /// A measure below zero.
    case negative
    /// A zero byte in the organisation, with a Kafka key that matches.
    case zero
    /// Larger than the topology's `record_bytes`.
    case large

    /// All but `large`: the development broker keeps only 5 MB of a partition.
    public static let standard = allCases.filter { $0 != .large }

    /// Reads `truncated,negative` or `all`.
    public static func list(_ text: String) throws(WeirError) -> [PoisonKind] {
        if text == "all" { return allCases }
        var kinds: [PoisonKind] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = PoisonKind(rawValue: String(name)) else {
                throw WeirError(
                    .usage, "--poison-kinds \(text): there is no kind '\(name)'",
                    advice: "There are all, \(allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds
    }

    public var reason: DeadLetterReason {
        switch self {
        case .truncated, .trailing: .undecodable
        case .unframed: .notFramed
        case .schema: .unknownSchema
        case .empty: .emptyRecord
        case .keyless: .nullKey
        case .mismatch: .keyMismatch
        case .organisation, .idempotency: .missingField
        case .ancient, .future: .timeOutOfRange
        case .negative: .negativeQuantity
        case .zero: .invalidText
        case .large: .recordTooLarge
        }
    }
}
