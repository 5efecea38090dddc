// When a worker may sleep longer: only if nothing of its own comes due.

import Testing
import WeirRuntime

@Suite struct IdleTests {
    @Test func whatIsUnderWayKeepsItAwake() throws {
        let driver = try CoreDriver("", registry: true)
        driver.assign(0, 1)
        driver.tick()
        #expect(driver.core.isIdle)
        driver.take("a", organisation: "o", offset: 0)
        #expect(!driver.core.isIdle, "a record is in the open batch")
        driver.tick()
        #expect(driver.total.counted == 1)
        #expect(driver.core.isIdle)
    }

    @Test func aQuestionKeepsItAwake() throws {
        let driver = try CoreDriver("retry: { schema: { first: 100ms, longest: 1s, deadline: 10s } }", registry: true)
        driver.assign(0, 1)
        driver.questions = []
        driver.take("a", organisation: "o", offset: 0)
        driver.tick()
        #expect(driver.total.counted == 0)
        #expect(!driver.core.isIdle, "its schema is asked for")
        driver.answerQuestions()
        driver.tick()
        #expect(driver.total.counted == 1)
        #expect(driver.core.isIdle)
    }
}
