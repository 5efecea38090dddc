// What users of other lag tools complain of (ANCHORS A4, B20, B21), each as a case of the rules.

import Testing
import WeirLag

struct ComplaintTests {
    // MARK: Lag says 0 or OK while the consumer is dead

    /// Burrow: a window that is not yet complete counts as OK.
    @Test func burrowAnIncompleteWindowIsNotOK() {
        var script = Script()
        let first = script.look(0, committed: 10, end: 100)
        #expect(first.state == .unknown)
        #expect(first.isProvisional)
        #expect(script.look(5, committed: 10, end: 100).state == .unknown)
        #expect(script.look(10, committed: 10, end: 100).state == .unknown)
        #expect(script.look(15, committed: 10, end: 100).state == .stall)
    }

    /// Burrow#287: the lag jumps by 55,000 and the state stays OK because it was small at some time in the window.
    @Test func burrow287ALagThatJumpsIsTold() {
        var script = Script()
        script.look(0, committed: 1000, end: 1000)
        #expect(script.look(5, committed: 1000, end: 56_000).state == .ok)
        #expect(script.look(10, committed: 1000, end: 56_000).state == .ok)
        #expect(script.look(20, committed: 1000, end: 56_000).state == .stall)
    }

    /// Burrow#38, #171, #303, #446; kminion#27: the consumer is gone, nothing is committed any more, and all looks well.
    @Test func burrow38TheGroupIsGoneAndRecordsWait() {
        var script = Script()
        script.look(0, committed: 50, end: 50)
        for second in stride(from: Int64(5), through: 15, by: 5) {
            #expect(script.look(second, committed: 50, end: 60, assigned: false).state == .ok, "\(second)")
        }
        let verdict = script.look(20, committed: 50, end: 60, assigned: false)
        #expect(verdict.state == .stop)
        #expect(verdict.reason.contains("no member"))
    }

    /// The same without another record ever: no traffic is no excuse.
    @Test func burrow38ADeadConsumerOfAnIdleTopicWithOneRecordLeft() {
        var script = Script()
        script.look(0, committed: 9, end: 10, assigned: false)
        #expect(script.look(15, committed: 9, end: 10, assigned: false).state == .stop)
        #expect(script.look(3600, committed: 9, end: 10, assigned: false).state == .stop)
    }

    /// Redpanda Connect: on an error the old value stays, and what is unknown is 0.
    @Test func redpandaConnectAnErrorIsNotTheOldValue() {
        var script = Script()
        #expect(script.look(0, committed: 100, end: 100).state == .ok)
        let verdict = script.fail("the coordinator did not answer")
        #expect(verdict.state == .unknown)
        #expect(verdict.reason == "the coordinator did not answer")
        #expect(script.look(10, committed: 100, end: 100).state == .ok)
    }

    // MARK: Missing commits

    /// A group that has an assignment and has never committed: its lag is not 0, and not known either.
    @Test func noCommitsIsNoDataAndNoLag() {
        var script = Script()
        let verdict = script.look(0, committed: nil, end: 500)
        #expect(verdict.state == .noData)
        #expect(verdict.reason.contains("a member holds it"))
        #expect(script.window.latest?.lag == nil)
        #expect(script.look(3600, committed: nil, end: 500).state == .noData)
    }

    /// Commits that expired (offsets.retention.minutes): the lag does not become 0 with them.
    @Test func commitsThatExpiredAreNoData() {
        var script = Script()
        script.look(0, committed: 500, end: 500, assigned: false)
        #expect(script.look(5, committed: nil, end: 500, assigned: false).state == .noData)
    }

    /// A partition that no record ever came to has nothing to commit: a topic with more partitions than keys is well.
    @Test func aPartitionThatWasNeverWrittenToNeedsNoCommit() {
        var script = Script()
        #expect(script.look(0, committed: nil, end: 0).state == .ok)
        // One whose records are gone unread may have lost them.
        #expect(script.look(5, committed: nil, start: 70, end: 70).state == .noData)
    }

    // MARK: Idle topics and low volume

    /// A consumer that is done is OK for ever, though it commits nothing any more (Burrow's Stop compares commit times).
    @Test func anIdleTopicIsOK() {
        var script = Script()
        for minute in 0..<600 { #expect(script.look(Int64(minute) * 60, committed: 7, end: 7).state == .ok) }
    }

    /// One record an hour, committed five seconds later: seen waiting now and then, but never for long.
    @Test func lowVolumeIsOK() {
        var script = Script()
        for hour in 0..<24 {
            let second = Int64(hour) * 3600
            let count = Int64(hour)
            #expect(script.look(second, committed: count, end: count).state == .ok)
            #expect(script.look(second + 5, committed: count, end: count + 1).state == .ok)
            #expect(script.look(second + 10, committed: count + 1, end: count + 1).state == .ok)
        }
    }

    /// kafka-lag-exporter#353: seconds by extrapolation saw-tooth up to 30 s where 0.2 s is true. Old timestamps, as of
    /// a topic that is filled again, are no reason to be flagged, either.
    @Test func kafkaLagExporter353AKeepingUpConsumerIsOKWhateverTheTimestamps() {
        var script = Script()
        script.look(0, committed: 0, end: 0)
        for step in 1..<100 {
            let end = Int64(step) * 10_000
            let next = Observation.Next.record(offset: end - 50, timestamp: 1_000_000)
            #expect(script.look(Int64(step) * 5, committed: end - 50, end: end, next: next).state == .ok)
        }
    }

    // MARK: Retention, re-created topics

    /// Retention deleted what the group had not read: that is a loss, not a lag that went down.
    @Test func aRetentionCutIsALoss() {
        var script = Script()
        script.look(0, committed: 100, start: 0, end: 1000)
        let verdict = script.look(5, committed: 100, start: 400, end: 1000)
        #expect(verdict.state == .warn)
        #expect(verdict.reason.contains("300"))
        #expect(script.window.latest?.lag == 600)
        // The consumer jumps over the hole: told for the rest of the window, then forgotten.
        #expect(script.look(10, committed: 1000, start: 400, end: 1000).state == .warn)
        #expect(script.look(200, committed: 1000, start: 400, end: 1000).state == .ok)
    }

    /// All of it is gone: nothing waits any more, and nothing is well.
    @Test func anIdleTopicWhoseUnreadRecordsAllExpiredIsNotOK() {
        var script = Script()
        script.look(0, committed: 100, start: 0, end: 120, assigned: false)
        #expect(script.look(5, committed: 100, start: 120, end: 120, assigned: false).state == .warn)
        #expect(script.look(3600, committed: 100, start: 120, end: 120, assigned: false).state == .warn)
    }

    /// The log was made anew and is shorter than what is committed: lag is not negative, and not 0.
    @Test func aTopicThatWasMadeAnewIsARewind() {
        var script = Script()
        script.look(0, committed: 1000, end: 1000)
        // A new leader may not know the end at once.
        #expect(script.look(5, committed: 1000, end: 3).state == .unknown)
        let verdict = script.look(10, committed: 1000, end: 7)
        #expect(verdict.state == .rewind)
        #expect(verdict.reason.contains("ends at 7"))
        #expect(script.window.latest?.lag == 0)
        // The consumer begins anew.
        #expect(script.look(15, committed: 3, end: 10).state == .rewind)
        #expect(script.look(20, committed: 10, end: 10).state == .ok)
    }

    /// Filled again beyond the committed offset at once: only the start of the log tells.
    @Test func aTopicThatWasMadeAnewAndFilledAgainIsARewind() {
        var script = Script()
        script.look(0, committed: 1000, start: 500, end: 1000)
        #expect(script.look(5, committed: 1000, start: 0, end: 5000).state == .rewind)
    }

    @Test func anOffsetThatFellIsARewindUntilItIsRegained() {
        var script = Script()
        script.look(0, committed: 1000, end: 1000)
        #expect(script.look(5, committed: 200, end: 1001).state == .rewind)
        #expect(script.look(10, committed: 700, end: 1002).state == .rewind)
        #expect(script.look(15, committed: 1003, end: 1003).state == .ok)
        // Told for as long as the window goes back, then by how it goes.
        script.look(20, committed: 200, end: 1003)
        #expect(script.look(300, committed: 200, end: 1003).state == .stall)
    }

    // MARK: Offsets without records

    /// A transaction's marker, or an aborted transaction, at the end of the log: the offset lag is 1 for ever, the lag 0.
    @Test func transactionMarkersAtTheEndAreNoLag() {
        var script = Script()
        for minute in 0..<60 {
            let verdict = script.look(Int64(minute) * 60, committed: 10, end: 11, next: .nothing)
            #expect(verdict.state == .ok)
        }
        #expect(script.window.latest?.lag == 0)
        // And the record that comes after an hour has waited since it came, not for an hour.
        let after = Observation.Next.record(offset: 11, timestamp: 0)
        #expect(script.look(3605, committed: 10, end: 12, next: after).state == .ok)
        #expect(script.look(3625, committed: 10, end: 12, next: after).state == .stall)
    }

    /// Retention takes the marker, too, and with it all of an idle topic: nothing was lost.
    @Test func retentionThatTakesTheLastMarkerIsNoLoss() {
        var script = Script()
        script.look(0, committed: 10, end: 11, next: .nothing)
        #expect(script.look(60, committed: 10, start: 11, end: 11).state == .ok)
    }

    /// A compacted topic: what the committed offset names is gone, the record that follows was there all the time.
    @Test func compactedOffsetsAreNoRecords() {
        var script = Script()
        let next = Observation.Next.record(offset: 95, timestamp: 0)
        script.look(0, committed: 10, end: 90, next: .nothing)
        #expect(script.look(5, committed: 10, end: 96, next: next).state == .ok)
        #expect(script.look(25, committed: 10, end: 96, next: next).state == .stall)
    }

    /// Nobody may have the records of an open transaction; when it is committed, they have not waited for long.
    @Test func aLongTransactionIsNotTheConsumersFault() {
        var script = Script()
        script.look(0, committed: 10, end: 10)
        for second in stride(from: Int64(5), through: 300, by: 5) {
            let verdict = script.look(second, committed: 10, end: 10 + second, next: .openTransaction)
            #expect(verdict.state == .ok)
        }
        let next = Observation.Next.record(offset: 10, timestamp: 0)
        #expect(script.look(305, committed: 10, end: 311, next: next).state == .ok)
        #expect(script.look(325, committed: 10, end: 311, next: next).state == .stall)
    }

    // MARK: Slow consumers

    /// It moves, but never gets there.
    @Test func aConsumerThatFallsBehindIsWarnedOf() {
        var script = Script()
        var verdict = script.look(0, committed: 0, end: 0)
        for second in stride(from: Int64(5), through: 60, by: 5) {
            verdict = script.look(second, committed: second * 10, end: second * 100)
        }
        #expect(verdict.state == .warn)
        #expect(verdict.reason.contains("not catching up"))
    }

    @Test func aConsumerThatCatchesUpIsWarnedOfUntilItHas() {
        var script = Script()
        var verdict = script.look(0, committed: 0, end: 100_000)
        for second in stride(from: Int64(5), through: 60, by: 5) {
            verdict = script.look(second, committed: second * 1000, end: 100_000 + second)
        }
        #expect(verdict.state == .warn)
        #expect(verdict.reason.contains(", catching up"))
        #expect(script.look(65, committed: 100_065, end: 100_065).state == .ok)
    }

    /// The broker does not say who holds what, or the group is about to decide it: it stands all the same.
    @Test func withoutMembershipAStandingOffsetIsAStall() {
        var script = Script()
        script.look(0, committed: 1, end: 5, assigned: nil)
        #expect(script.look(20, committed: 1, end: 5, assigned: nil).state == .stall)
    }

    /// A log that can be described but not read (ACLs): the committed offset stands for the record there.
    @Test func recordsThatCannotBeReadAreStillTold() {
        var script = Script()
        script.look(0, committed: 5, end: 5)
        #expect(script.look(5, committed: 5, end: 9, next: .unread).state == .ok)
        #expect(script.look(25, committed: 5, end: 9, next: .unread).state == .stall)
    }
}
