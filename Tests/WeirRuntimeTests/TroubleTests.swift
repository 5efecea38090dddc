// What a worker tells of PostgreSQL while that does not do what it is asked.

import Testing
import WeirObserve
import WeirRuntime

struct TroubleTests {
    private static let away = StoreFailure(message: "the server is away", isPermanent: false, isTimeout: false)

    @Test func commitsThatFailAreToldUntilOneSucceeds() throws {
        let driver = try CoreDriver("")
        driver.assign(0)
        #expect(driver.core.trouble(owner: "w") == nil)
        driver.storeFailure = Self.away
        driver.take("a", organisation: "o", offset: 0)
        driver.tick()
        let first = try #require(driver.core.trouble(owner: "w"))
        #expect(first.owner == "w" && first.attempts == 1 && first.message == "the server is away")
        #expect(first.since == driver.now.wall)
        driver.pass(milliseconds: 20_000)
        let later = try #require(driver.core.trouble(owner: "w"))
        #expect(later.attempts > 3 && later.since == first.since)
        driver.storeFailure = nil
        driver.pass(milliseconds: 10_000)
        #expect(driver.total.counted == 1)
        #expect(driver.core.trouble(owner: "w") == nil)
        // It took as long as the server was away, and no longer than until its time came to be tried again.
        #expect((20_000_000...30_000_000).contains(driver.core.commitTime))
        // The next one is a trouble of its own.
        driver.storeFailure = Self.away
        driver.take("b", organisation: "o", offset: 1)
        driver.tick()
        let next = try #require(driver.core.trouble(owner: "w"))
        #expect(next.attempts == 1 && next.since > later.since)
    }

    @Test func aTakeOverThatFailsIsTold() throws {
        let driver = try CoreDriver("")
        driver.storeFailure = Self.away
        driver.assign(0)
        #expect(driver.core.trouble(owner: "w")?.attempts == 1)
        driver.storeFailure = nil
        driver.pass(milliseconds: 10_000)
        #expect(driver.core.trouble(owner: "w") == nil)
        // Given away meanwhile: nothing is tried any more.
        driver.storeFailure = Self.away
        driver.assign(1)
        #expect(driver.core.trouble(owner: "w") != nil)
        driver.core.lost([], at: driver.now)
        driver.core.left()
        #expect(driver.core.trouble(owner: "w") == nil)
    }

    /// A server that is frozen, or a lock: nothing fails, and nothing is committed.
    @Test func aCommitWithoutAnAnswerIsTold() throws {
        let driver = try CoreDriver("")
        driver.assign(0)
        driver.isStoreSilent = true
        driver.take("a", organisation: "o", offset: 0)
        driver.tick()
        let begun = driver.now.wall
        driver.pass(milliseconds: 4000)
        #expect(driver.core.trouble(owner: "w") == nil)
        driver.pass(milliseconds: 2000)
        let trouble = try #require(driver.core.trouble(owner: "w"))
        #expect(trouble.attempts == 0 && trouble.since == begun)
    }
}
