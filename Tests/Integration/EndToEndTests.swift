// From generated events to billed usage, through real processes: exact, and exact again.

import Testing
import WeirBench

struct EndToEndTests {
    @Test func twoWorkersBillWhatWasProduced() throws {
        let rig = try Rig()
        try rig.start("a")
        try rig.start("b", threads: 2)
        let expectation = try rig.produce(rig.options(events: 30_000))
        #expect(expectation.counts.repeats > 2000 && expectation.counts.conflicts > 200)
        try rig.expectExact(expectation)

        // Nothing died, so no revision is there twice.
        let published = try #require(try rig.published())
        #expect(published.revisions.allSatisfy { $0.value.count == Set($0.value).count })

        // What is done is done: others on the same group find nothing to do.
        let before = try rig.fingerprint()
        let messages = published.revisions.values.reduce(0) { $0 + $1.count }
        let epochs = try rig.connection.column("SELECT sum(epoch)::text FROM weir.partition")
        try rig.start("c")
        try waitUntil("another worker takes over") {
            try rig.connection.column("SELECT sum(epoch)::text FROM weir.partition") != epochs
        }
        #expect(try rig.stopAll() == [0])
        #expect(try rig.fingerprint() == before)
        #expect(try rig.published()?.revisions.values.reduce(0) { $0 + $1.count } == messages)
    }

    /// The keys of what was counted are read back: a producer that sends a whole day again bills nobody twice.
    @Test func aReplayAfterARestartCountsNothing() throws {
        let rig = try Rig()
        let options = rig.options(events: 8_000)
        try rig.start("first")
        let expectation = try rig.produce(options)
        try rig.expectExact(expectation)
        try rig.start("second")
        #expect(try rig.produce(options) == expectation)
        var both = expectation
        for (topic, counts) in expectation.topics {
            both.topics[topic]?.produced += counts.produced
            both.topics[topic]?.repeats += counts.unique + counts.repeats
            both.topics[topic]?.conflicts += counts.conflicts
        }
        try rig.expectExact(both)
    }
}
