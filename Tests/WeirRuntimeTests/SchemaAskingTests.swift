// Schemas that a registry must be asked for, with nothing but the core: what waits, what goes on, what is never lost.

import Testing
import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

@Suite struct SchemaAskingTests {
    private static let patient = "retry: { schema: { first: 100ms, longest: 1s, deadline: 10s } }"

    private func driver(_ policies: String = patient) throws -> CoreDriver {
        let driver = try CoreDriver(policies, registry: true)
        driver.assign(0, 1)
        return driver
    }

    @Test func aKnownSchemaIsAskedForOnce() throws {
        let driver = try driver()
        for offset in 0..<1000 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.counted == 1000)
        #expect(driver.asked == [.id(7)])
        #expect(driver.total.parked == 0 && driver.table.isEmpty)
    }

    /// Until the answer is there, records of the partition wait in their order; those of others do not.
    @Test func whatComesMeanwhileWaitsInOrder() throws {
        let driver = try driver()
        driver.take("a", organisation: "o", partition: 1, offset: 0)
        driver.registered = [.id(8)]
        driver.questions = []
        for offset in 0..<10 {
            driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: offset == 3 ? 7 : 8)
        }
        for offset in 1..<10 { driver.take("l\(offset)", organisation: "o", partition: 1, offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.counted == 10)
        #expect(driver.core.partitionsThatAsk == 1)
        #expect(driver.pauses == 0, "a short wait needs no pause")
        driver.answerQuestions()
        driver.tick()
        #expect(driver.total.counted == 20)
        #expect(driver.asked == [.id(7), .id(8)])
        driver.take("k10", organisation: "o", offset: 10)
        driver.tick()
        #expect(driver.total.counted == 21)
    }

    @Test func longWaitsPauseAndAreFetchedAgain() throws {
        let driver = try driver()
        driver.questions = []
        for offset in 0..<300 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        #expect(driver.pauses == 1)
        driver.answerQuestions()
        driver.tick()
        #expect(driver.total.counted == 0)
        #expect(driver.resumedAt == [0])
        for offset in 0..<300 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.counted == 300)
    }

    @Test func whatNobodyKnowsIsParkedAndThenADeadLetter() throws {
        let driver = try driver()
        for offset in 0..<50 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.total.parked == 50)
        driver.pass(milliseconds: 9000)
        #expect(driver.total.deadLetters.isEmpty)
        #expect((5...60).contains(driver.asked.count), "\(driver.asked.count)")
        driver.pass(milliseconds: 3000)
        #expect(driver.total.deadLetters.count == 50)
        #expect(driver.total.deadLetters.allSatisfy { $0.message.contains("the test's registry") })
        // The next one of that id is asked about again: it may be known by now.
        driver.registered = [.id(8)]
        driver.pass(milliseconds: 10_000)
        driver.take("k", organisation: "o", offset: 50, schema: 8)
        driver.tick()
        #expect(driver.total.counted == 1)
    }

    @Test func anOutagePausesAndNeverDeadLetters() throws {
        let driver = try driver()
        driver.take("a", organisation: "o", partition: 1, offset: 0)
        driver.tick()
        driver.registered = [.id(8)]
        driver.isRegistryAway = true
        for offset in 0..<20 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.core.partitionsThatAsk == 1)
        #expect(driver.pauses == 1)
        // An hour, while the other partition goes on.
        for second in 1...3600 {
            driver.take("l\(second)", organisation: "o", partition: 1, offset: Int64(second))
            driver.pass(milliseconds: 1000)
        }
        #expect(driver.total.counted == 3601)
        #expect(driver.total.deadLetters.isEmpty && driver.total.parked == 0)
        let said = driver.notices.filter { if case .schemasCannotBeAsked = $0 { true } else { false } }
        #expect((50...70).contains(said.count), "a line a minute: \(said.count)")
        #expect(driver.asked.count < 3600, "back-off: \(driver.asked.count)")
        driver.isRegistryAway = false
        driver.pass(milliseconds: 10_000)
        #expect(driver.resumedAt == [0])
        for offset in 0..<20 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: 8) }
        driver.tick()
        #expect(driver.total.counted == 3621)
        #expect(driver.notices.contains { if case .schemasCanBeAsked = $0 { true } else { false } })
    }

    /// The deadline has passed, but nobody has said since that the id is unknown.
    @Test func whatIsParkedOutlivesAnOutage() throws {
        let driver = try driver()
        driver.take("k", organisation: "o", offset: 0, schema: 8)
        driver.tick()
        #expect(driver.total.parked == 1)
        driver.isRegistryAway = true
        driver.pass(milliseconds: 120_000)
        #expect(driver.total.deadLetters.isEmpty && driver.total.parked == 1)
        driver.registered = [.id(8)]
        driver.isRegistryAway = false
        driver.pass(milliseconds: 10_000)
        #expect(driver.total.counted == 1 && driver.total.parked == 0 && driver.total.deadLetters.isEmpty)
    }

    @Test func aStormOfMadeUpIdsCostsOneRequestEach() throws {
        let driver = try driver(Self.patient + "\nbreaker: { dead_letter_percent: 100 }")
        for offset in 0..<2000 {
            driver.take("k\(offset)", organisation: "o", offset: Int64(offset), schema: Int32(offset / 2) + 1000)
        }
        driver.tick()
        #expect(driver.asked.count == 1000)
        #expect(Set(driver.asked).count == 1000)
        #expect(driver.table.count == 100)
        #expect(driver.total.deadLetters.count == 1800)
    }

    @Test func partitionsThatGoTakeTheirQuestionsAlong() throws {
        let driver = try driver()
        driver.questions = []
        for offset in 0..<10 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        driver.revoke(0)
        driver.answerQuestions()
        driver.tick()
        #expect(driver.total.counted == 0)
        #expect(driver.total.offsets.isEmpty)
        driver.assign(0)
        for offset in 0..<10 { driver.take("k\(offset)", organisation: "o", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.counted == 10)
    }

    /// After a restart nobody knows the schemas of what waits for its quota.
    @Test func whatComesBackFromItsQuotaNeedsItsSchemaToo() throws {
        let driver = try driver("quotas: { events_per_second: 10, burst: 1s }")
        for offset in 0..<100 { driver.take("k\(offset)", organisation: "hot", offset: Int64(offset)) }
        driver.tick()
        #expect(driver.total.counted == 10 && driver.total.parked == 90)
        let heir = try CoreDriver("quotas: { events_per_second: 10, burst: 1s }", registry: true, after: driver)
        heir.isRegistryAway = true
        heir.assign(0)
        heir.pass(milliseconds: 60_000)
        #expect(heir.total.counted == 0 && heir.total.deadLetters.isEmpty)
        heir.isRegistryAway = false
        heir.pass(milliseconds: 60_000)
        #expect(heir.total.counted == 90)
        #expect(heir.total.parked == -90)
    }

    // MARK: Headers

    @Test func aHeaderMayNameTheSchema() throws {
        let guid = try #require(SchemaGUID("89791762-2336-186f-9674-99b90a8e2d3a"))
        let driver = try driver()
        driver.registered = [.guid(guid)]
        driver.takeHeadless("a", organisation: "o", offset: 0, header: Self.bytes(of: guid))
        driver.take("b", organisation: "o", offset: 1)
        driver.takeHeadless("c", organisation: "o", offset: 2, header: [0, 0, 0, 0, 7])
        driver.takeHeadless("a", organisation: "o", offset: 3, header: Self.bytes(of: guid))
        driver.tick()
        #expect(driver.total.counted == 3)
        #expect(driver.asked == [.guid(guid), .id(7)])
        #expect(driver.total.offsets.last == 4)
    }

    @Test func aGUIDThatNobodyKnowsIsADeadLetterThatSaysSo() throws {
        let guid = try #require(SchemaGUID("89791762-2336-186f-9674-99b90a8e2d3a"))
        for driver in [try driver(), try CoreDriver(Self.patient)] {
            if driver.registry == nil { driver.assign(0) }
            driver.takeHeadless("a", organisation: "o", offset: 0, header: Self.bytes(of: guid))
            driver.takeHeadless("b", organisation: "o", offset: 1, header: [9])
            driver.tick()
            let letters = driver.total.deadLetters
            #expect(letters.map(\.reason) == [.unknownSchema, .notFramed])
            #expect(letters.first?.message.contains("schema GUID \(guid)") == true, "\(letters)")
            #expect(letters.first?.message.contains("header __value_schema_id") == true, "\(letters)")
        }
    }

    @Test func aFolderKnowsItsGUIDs() throws {
        let driver = try CoreDriver(Self.patient)
        driver.assign(0)
        let guid = try #require(driver.schemas.entry(id: 7)?.schema.guid)
        driver.takeHeadless("a", organisation: "o", offset: 0, header: Self.bytes(of: guid))
        driver.tick()
        #expect(driver.total.counted == 1)
    }

    private static func bytes(of guid: SchemaGUID) -> [UInt8] {
        let words = [guid.high, guid.low]
        return [1] + words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }
}
