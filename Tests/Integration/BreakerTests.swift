// The breaker: a deployment gone wrong cannot empty a topic into the dead letters.

import Testing
import WeirBench
import WeirPostgres

struct BreakerTests {
    @Test func aMassOfBadRecordsStopsTheTopology() throws {
        let rig = try Rig.apiCalls(adding: "breaker: { dead_letter_percent: 50, over: 200 }")
        let good = try rig.start("good")
        let expectation = try rig.produce(rig.options(events: 1_000))
        try rig.waitUntilProcessed()
        #expect(try rig.stop(good) == 0)
        let sender = try OddSender(rig, topic: rig.topic("api.calls.v1"))
        for number in 0..<2_000 {
            try sender.send("not_framed", key: Array("k\(number)".utf8), payload: Array("{}".utf8))
        }
        try sender.finish()

        for attempt in 0..<2 {
            let worker = try rig.start("bad \(attempt)")
            #expect(try worker.waitForEnd() == 65)
            rig.forget(worker)
            #expect(worker.text.contains("api-calls"), "\(worker.lastWords)")
            #expect(
                worker.text.contains("are dead letters, more than 50 % (breaker.dead_letter_percent)"),
                "\(worker.lastWords)")
            #expect(worker.text.contains("not_framed"), "\(worker.lastWords)")
            #expect(worker.text.contains("its offsets have not moved"), "\(worker.lastWords)")
        }
        // Each time fewer than `over` can have gone in before there was anything to take a share of.
        let letters = try rig.number("SELECT count(*) FROM weir.dead_letter")
        #expect(letters < 400)
        #expect(try rig.read() - 1_000 == letters)
        try rig.expectCountersAddUp()

        let patient = try TopologyCopy(rig.file) {
            $0.replacing("dead_letter_percent: 50", with: "dead_letter_percent: 100")
        }
        try rig.start("patient", file: patient.file)
        try rig.waitUntilProcessed()
        #expect(try rig.stopAll() == [0])
        #expect(try rig.number("SELECT count(*) FROM weir.dead_letter") == 2_000)
        #expect(try ExpectationCheck(expected: expectation, actual: rig.usage()).isExact)
    }
}
