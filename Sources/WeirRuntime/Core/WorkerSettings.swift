// The times and bounds that a worker's decisions go by.

package import WeirCore

/// Microseconds where not said otherwise.
package struct WorkerSettings: Sendable {
    /// Longest a batch stays open while records keep coming.
    package var longestOpen: Int64 = 200_000
    /// While full for longer than this, partitions are paused, so that polling keeps the group's membership.
    package var pauseAfter: Int64 = 2_000_000
    /// The group is answered after this even if keys are still to be read: those partitions begin paused.
    package var longestAnswer: Int64 = 500_000
    /// Time for the last commits when partitions or the process go away.
    package var settleTime: Int64
    /// A partition that is read and delivers nothing for this long is looked at.
    package var stallAfter: Int64 = 30_000_000
    /// Bytes waiting to be published at the most before commits wait.
    package var longestBacklog = 64 << 20
    /// Members cached before the cache starts anew.
    package var mostKnownMembers = 2_000_000
    /// Of commits, claims and restores that failed.
    package var retry: Backoff
    /// Of unknown schema ids.
    package var schemaRetry: Backoff
    /// Records of a partition that wait for schemas before it is read no further: if nothing can be decoded,
    /// the log keeps it as well as PostgreSQL does.
    package var mostSchemaRecords = 10_000
    /// Different schema ids that are waited for at once. More are no deployment, but bytes that somebody made up:
    /// their records are dead letters at once, so that they cost neither a row nor a wait each.
    package var mostSchemaWaits = 100
    /// Holes in the log up to this many offsets are not looked at again once a topic is known to have
    /// them by design. Markers stand in a row only where as many transactions were open at once.
    package var longestHole: Int64 = 1000
    package var pressure: BackPressure

    package init(topology: Topology) {
        settleTime = topology.limits.drain.microseconds
        retry = Backoff(topology.retries.sink)
        schemaRetry = Backoff(topology.retries.schema)
        pressure = BackPressure(
            high: .init(
                records: topology.limits.partitionRecords ?? topology.limits.batchRecords * 2,
                bytes: topology.limits.partitionBytes ?? topology.limits.batchBytes * 2))
    }
}
