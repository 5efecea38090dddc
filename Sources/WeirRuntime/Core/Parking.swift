// Records put aside for a while: in weir.parked, in the transaction that moves the offset past them.

package import WeirKafka

/// Why a record waits.
package enum ParkCause: Hashable, Sendable {
    /// Its schema id is not known, yet.
    case schema(Int32)
    /// Its organisation is over its quota.
    case quota([UInt8])
}

/// Records of one partition and cause, on their way to one row.
package struct Parking: Sendable {
    package let source: TopicPartition
    package let cause: ParkCause
    package var records: [HeldRecord] = []
    package var bytes = 0
}

/// A row of weir.parked, without its records.
package struct ParkedRow: Sendable, Equatable {
    package let id: Int64
    package let source: TopicPartition
    package let cause: ParkCause
    package let records: Int
    package let bytes: Int
    /// Microseconds since 1970.
    package let parkedAt: Int64
    /// Microseconds from then until it was read, both by PostgreSQL's clock.
    package let waited: Int64

    package init(
        id: Int64, source: TopicPartition, cause: ParkCause, records: Int, bytes: Int, parkedAt: Int64, waited: Int64
    ) {
        self.id = id
        self.source = source
        self.cause = cause
        self.records = records
        self.bytes = bytes
        self.parkedAt = parkedAt
        self.waited = waited
    }
}

/// The rows of one partition and cause, oldest first.
struct ParkedQueue {
    struct Key: Hashable {
        var source: TopicPartition
        var cause: ParkCause
    }

    struct Entry {
        let row: ParkedRow
        /// When this worker heard of it, on the monotonic clock.
        let heardAt: Int64
    }

    var entries: [Entry] = []
    /// So many of the first rows are being read.
    var asked = 0
    /// Times in a row that they could not be read, and when to try again, on the monotonic clock.
    var failures = 0
    var retryAt = Int64.min
}

/// Waiting for a schema id to be known.
struct SchemaWait {
    /// Times it was asked for.
    var attempt = 0
    /// On the monotonic clock.
    var nextAt: Int64
    /// Rows that wait for it, written or about to be; when none does the wait is over.
    var rows = 0
    var isFound = false
    /// The last answer was that there is no such schema; when it was asked for, on the monotonic clock. Nil before the
    /// first answer, and while nobody can be asked.
    var deniedAsOf: Int64?
}
