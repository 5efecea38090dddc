// What a worker tells its operator, as values: the core decides that it is said, the worker writes the line.

internal import Logging
package import WeirKafka

package enum Notice: Sendable, Equatable {
    case tookOver([TopicPartition], keys: Int, restoring: Int)
    case restored(TopicPartition, keys: Int, unpublished: Int, nextOffset: Int64?)
    case restoreFailed(TopicPartition, String, retryIn: Int64)
    case claimFailed(String, retryIn: Int64)
    case gaveUp([TopicPartition])
    case lost([TopicPartition])
    case settleTimedOut
    case commitFailed(String, attempt: Int, retryIn: Int64)
    case batchTooLarge(records: Int, next: Int)
    case fenced
    case consumerRefuses(String)
    case stoodStill(seconds: Int64)
    case paused(records: Int)
    case resumed
    case gap(TopicPartition, from: Int64, to: Int64, GapCause)
    case clientSkipped(TopicPartition, from: Int64, to: Int64?)
    case cannotInspect(TopicPartition, String)
    case passedOver(TopicPartition, from: Int64, to: Int64, String)
    case unknownSchema(Int32, TopicPartition, offset: Int64)
    case schemaFound(Int32)
    case schemasCannotBeAsked(String, waiting: Int, retryIn: Int64)
    case schemasCanBeAsked(seconds: Int64)
    case stalled([TopicPartition], behind: Int64)
    case unparkFailed(TopicPartition, String, retryIn: Int64)
    case rowsTaken(TopicPartition, String)
    case stopped(TopicPartition, at: Int64, String, couldContinue: Bool)
}

extension Notice {
    /// Level, words and metadata of the line.
    var line: (level: Logger.Level, words: Logger.Message, metadata: Logger.Metadata) {
        switch self {
        case .tookOver(let list, let keys, let restoring):
            (
                .info, "took over partitions",
                [
                    "partitions": "\(Self.words(list))", "restored_keys": "\(keys)",
                    "still_restoring": "\(restoring)",
                ]
            )
        case .restored(let id, let keys, let unpublished, let next):
            (
                .debug, "read a partition's state back",
                [
                    "partition": "\(id)", "restored_keys": "\(keys)", "unpublished": "\(unpublished)",
                    "next_offset": "\(next.map(String.init) ?? "earliest")",
                ]
            )
        case .restoreFailed(let id, let error, let delay):
            (
                .warning, "reading a partition's state back failed, will be tried again",
                ["partition": "\(id)", "error": "\(error)", "in_ms": "\(delay / 1000)"]
            )
        case .claimFailed(let error, let delay):
            (
                .warning, "taking over partitions failed, will be tried again",
                ["error": "\(error)", "in_ms": "\(delay / 1000)"]
            )
        case .gaveUp(let list): (.info, "gave up partitions", ["partitions": "\(Self.words(list))"])
        case .lost(let list):
            (
                .warning, "lost partitions: the group stopped hearing from this worker",
                ["partitions": "\(Self.words(list))"]
            )
        case .settleTimedOut: (.warning, "the last batch was not committed in time; it will be read again", [:])
        case .commitFailed(let error, let attempt, let delay):
            (
                .warning, "commit failed, will be tried again",
                ["error": "\(error)", "attempt": "\(attempt)", "in_ms": "\(delay / 1000)"]
            )
        case .batchTooLarge(let records, let next):
            (
                .warning, "PostgreSQL cannot take a batch in time; reading it again in smaller ones",
                ["records": "\(records)", "next_batch": "\(next)"]
            )
        case .fenced:
            (.warning, "another worker owns a partition of this batch: nothing was written, joining anew", [:])
        case .consumerRefuses(let error): (.warning, "the consumer refuses; joining anew", ["error": "\(error)"])
        case .stoodStill(let seconds):
            (
                .warning, "stood still; another worker may own the partitions by now, joining anew",
                ["seconds": "\(seconds)"]
            )
        case .paused(let records):
            (.warning, "PostgreSQL is slower than the input; paused", ["records": "\(records)"])
        case .resumed: (.info, "resumed", [:])
        case .gap(let id, let from, let to, let cause):
            (
                .info, "the log passes over offsets; all are in weir.gap",
                ["partition": "\(id)", "from": "\(from)", "to": "\(to)", "cause": "\(cause.rawValue)"]
            )
        case .clientSkipped(let id, let from, let to):
            (
                .error, "the client passed over records that the log holds; nothing is lost, reading them again",
                ["partition": "\(id)", "from": "\(from)", "to": "\(to.map(String.init) ?? "")"]
            )
        case .cannotInspect(let id, let error):
            (
                .warning, "the log cannot be looked at, will be tried again",
                ["partition": "\(id)", "error": "\(error)"]
            )
        case .passedOver(let id, let from, let to, let words):
            (
                .error, "records are lost; going on behind them, as on_gap says; see weir.gap",
                ["partition": "\(id)", "from": "\(from)", "to": "\(to)", "found": "\(words)"]
            )
        case .stalled(let list, let behind):
            (
                .error, "stalled: partitions have records and deliver none; joining anew",
                ["partitions": "\(Self.words(list))", "offsets_behind": "\(behind)"]
            )
        case .unknownSchema(let schema, let id, let offset):
            (
                .warning, "a schema id is unknown; its records wait in weir.parked and are tried again",
                ["schema_id": "\(schema)", "partition": "\(id)", "offset": "\(offset)"]
            )
        case .unparkFailed(let id, let error, let delay):
            (
                .warning, "records that wait cannot be read back, will be tried again",
                ["partition": "\(id)", "error": "\(error)", "in_ms": "\(delay / 1000)"]
            )
        case .rowsTaken(let id, let error):
            (
                .warning, "another worker has metered records that wait here; joining anew",
                ["partition": "\(id)", "error": "\(error)"]
            )
        case .schemaFound(let schema):
            (.info, "a schema id has become known", ["schema_id": "\(schema)"])
        case .schemasCannotBeAsked(let error, let waiting, let delay):
            (
                .warning, "schemas cannot be asked for; partitions that need one stand still until they can",
                ["error": "\(error)", "partitions": "\(waiting)", "in_ms": "\(delay / 1000)"]
            )
        case .schemasCanBeAsked(let seconds):
            (.info, "schemas can be asked for again", ["after_seconds": "\(seconds)"])
        case .stopped(let id, let offset, let words, let couldContinue):
            (
                .error,
                """
                a partition is stopped: its next records are gone, and its usage would be incomplete. Other \
                partitions go on, no offset has moved. docs/operations.md, "The next offset is gone", says \
                what to do
                """,
                [
                    "partition": "\(id)", "offset": "\(offset)", "found": "\(words)",
                    "on_gap_continue": "\(couldContinue ? "would go on" : "would not help")",
                ]
            )
        }
    }

    private static func words(_ list: [TopicPartition]) -> String {
        list.map(\.description).joined(separator: " ")
    }
}
