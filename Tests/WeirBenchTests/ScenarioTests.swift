// Scenario files: what they say, and how mistakes in them are told.

import Foundation
import Testing
import WeirBench
import WeirCore

@Suite struct ScenarioTests {
    private static let least = """
        scenario: x
        topology: t.yaml
        rate: { per_second: 100 }

        """

    private func mistakes(_ text: String) -> [String] {
        do throws(ConfigMistakes) {
            _ = try ScenarioFile.load(text, file: "s.yaml")
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    @Test func defaultsFillWhatIsLeftOut() throws {
        let scenario = try ScenarioFile.load(Self.least, file: "s.yaml")
        #expect(scenario.plan == RatePlan(.constant, rate: 100))
        #expect(scenario.workers == 1)
        #expect(scenario.repeats == 0.05)
        #expect(scenario.objective.p99 == 2000)
        #expect(scenario.producer.contains { $0 == ("acks", "all") })
    }

    @Test func everyMistakeIsToldWithItsPlace() {
        let found = mistakes(
            """
            scenario: x
            topology: t.yaml
            workers: 2
            rate: { shape: burst, per_second: 100 }
            events: { repeats: 0.6, poison: 0.4, skw: 1 }
            faults:
              - { at: 3s, kind: kill, worker: 3 }
              - { at: 3h, kind: stop_postgres }
            """)
        #expect(
            found == [
                "s.yaml:4:16: shape is unknown: 'burst'; did you mean 'bursts'? "
                    + "(expected one of constant, poisson, bursts, diurnal, trace)",
                "s.yaml:5:9: repeats and poison leave no new events (less than 1 together)",
                "s.yaml:5:38: unknown field 'skw' in events; did you mean 'skew'? "
                    + "(known: organisations, law, skew, hot, repeats, late, poison, text_bytes, seed)",
                "s.yaml:7:35: there is no worker 3 (1 to 2)", "s.yaml:8:11: the run is over by then: 3h (before 25 s)",
            ])
    }

    @Test func shapesNeedTheirFields() {
        #expect(mistakes("scenario: x\ntopology: t\nrate: { shape: bursts, per_second: 1 }").count == 1)
        #expect(mistakes("scenario: x\ntopology: t\nrate: {}").count == 1)
        let bursts = "scenario: x\ntopology: t\nrate: { shape: bursts, per_second: 1, peak: 2, every: 2s, length: "
        #expect(mistakes(bursts + "2s }").map { $0.contains("a burst is as long as `every`") } == [true])
        #expect(mistakes(bursts + "1999ms }") == [])
        for rate in ["per_second: 0", "per_second: 1e8", "shape: diurnal, per_second: 1, swing: 1"] {
            let found = mistakes("scenario: x\ntopology: t\nrate: { \(rate) }")
            #expect(found.map { $0.contains("is out of range") } == [true], "\(rate)")
        }
        #expect(mistakes("scenario: x\ntopology: t\nrate: { shape: trace, file: /nowhere.csv }").count == 1)
    }

    /// Each of these was once read, and meant nothing.
    @Test func fieldsOfAnotherKindAreRefused() {
        func rate(_ fields: String) -> [String] { mistakes("scenario: x\ntopology: t\nrate: { \(fields) }") }
        #expect(
            rate("per_second: 1, peak: 5, swing: 0.5") == [
                "s.yaml:3:30: field 'peak' is not for shape constant (it belongs to bursts)",
                "s.yaml:3:40: field 'swing' is not for shape constant (it belongs to diurnal)",
            ])
        #expect(
            rate("shape: bursts, per_second: 1, peak: 5, period: 60s") == [
                "s.yaml:3:56: field 'period' is not for shape bursts (it belongs to diurnal)"
            ])
        #expect(
            rate("shape: trace, file: /nowhere.csv, per_second: 1").contains(
                "s.yaml:3:55: field 'per_second' is not for shape trace (it belongs to constant, poisson, bursts, diurnal)"
            ))
        #expect(
            mistakes(
                Self.least + """
                    faults:
                      - { at: 1s, kind: kill, delay: 100ms }
                      - { at: 1s, kind: stop_postgres, worker: 1 }
                      - { at: 1s, kind: delay_broker, delay: 100ms, for: 2s }
                    """) == [
                    "s.yaml:5:34: field 'delay' is not for kind kill (it belongs to delay_broker)",
                    "s.yaml:6:44: field 'worker' is not for kind stop_postgres (it belongs to kill, freeze, restart)",
                ])
    }

    /// librdkafka would take 0 for it.
    @Test func partsOfMillisecondsAreRefused() throws {
        #expect(
            mistakes(Self.least + "session_timeout: 1000500us\nproducer: { linger: 500us }") == [
                "s.yaml:4:18: session_timeout is no multiple of 1ms: 1000500us (expected 1s to 1h, in multiples of 1ms)",
                "s.yaml:5:21: linger is no multiple of 1ms: 500us (expected 0s to 1m, in multiples of 1ms)",
            ])
        let scenario = try ScenarioFile.load(Self.least + "producer: { linger: 5000us }", file: "s.yaml")
        #expect(scenario.producer.contains { $0 == ("linger.ms", "5") })
    }

    @Test func settingsThatKafkaDoesNotKnowAreRefused() {
        #expect(
            mistakes(Self.least + "kafka: [fetch.wait.max.ms=5, bogus=1]") == [
                "s.yaml:4:30: an entry of kafka is not taken by librdkafka: 'bogus=1': No such configuration property: "
                    + "\"bogus\" (expected a setting of its CONFIGURATION.md)"
            ])
    }

    @Test func filesThatAreNotThereAreToldWithTheLineThatNamesThem() throws {
        func refusal(_ text: String) throws -> String {
            let scenario = try ScenarioFile.load(text, file: "s.yaml")
            do throws(WeirError) {
                try scenario.checkFiles()
                return ""
            } catch { return error.message }
        }
        let both = try refusal("scenario: x\nschemas: /nosuch\ntopology: /nosuch.yaml\nrate: { per_second: 1 }")
        #expect(both.hasPrefix("s.yaml:3:11: there is no topology file /nosuch.yaml (expected a path that starts in "))
        #expect(both.contains("\ns.yaml:2:10: there is no folder of schemas /nosuch"))
        let topology = "\(Fixture.root)topologies/billing-usage.yaml"
        #expect(
            try refusal("scenario: x\nschemas: \(Fixture.root)schemas\ntopology: \(topology)\nrate: { per_second: 1 }")
                == "")
    }

    @Test func aTitleTellsTheRateThatWasOffered() throws {
        let scenario = try ScenarioFile.load(
            "about: W1 at 100 a second.\n" + Self.least, file: "s.yaml")
        #expect(ScenarioChanges().title(of: scenario, offered: 100) == "W1 at 100 a second.")
        #expect(ScenarioChanges(duration: .seconds(9)).title(of: scenario, offered: 100) == "W1 at 100 a second.")
        #expect(
            ScenarioChanges(rate: 45_000).title(of: scenario, offered: 44_999.6) == "x at 45,000 events a second")
        let changes = ScenarioChanges(workers: 1, partitions: 8)
        #expect(
            changes.title(of: try changes.applied(to: scenario), offered: 99.951)
                == "x at 99.95 events a second, 1 worker, 8 partitions")
    }

    @Test func aModeTellsWhatItUses() throws {
        let scenario = try ScenarioFile.load(
            """
            scenario: x
            topology: t
            workers: 3
            partitions: 1
            rate: { shape: bursts, per_second: 1000, peak: 20000 }
            faults: [{ at: 1s, kind: kill }]
            """, file: "s.yaml")
        #expect(
            ScenarioUse.asItStands.words(scenario)
                == "3 workers, 1 partition of each topic, 2,900 events a second (up to 20,000), 5 s of warm-up and 20 s that "
                + "count, 1 fault")
        #expect(
            ScenarioUse.probes.words(scenario)
                == "3 workers, 1 partition of each topic; each probe has the rate that its row tells, 5 s of warm-up and 20 s "
                + "that count, and no faults")
        let backlog = ScenarioUse.backlog(500_000).words(scenario)
        #expect(
            backlog.contains("a backlog of 500,000 events") && !backlog.contains("20,000") && !backlog.contains("20 s"))
    }

    @Test func numbersAreGrouped() {
        for (number, text) in [
            (0, "0"), (5, "5"), (0.05, "0.05"), (0.5, "0.5"), (999, "999"), (1000, "1,000"), (1254.5, "1,254.5"),
            (10_000_000, "10,000,000"), (-1234.567, "-1,234.57"), (999.999, "1,000"),
        ] { #expect(number.grouped == text) }
    }

    /// Each of these once ended in a trap, minutes later or at once.
    @Test func commandLinesHaveTheLimitsOfFiles() throws {
        let faulty = try ScenarioFile.load(
            Self.least + "faults:\n  - { at: 20s, kind: kill }\n", file: "s.yaml")
        func refusal(_ changes: ScenarioChanges) -> String {
            do throws(WeirError) {
                _ = try changes.applied(to: faulty)
                return ""
            } catch {
                #expect(error.status == .usage)
                return error.message
            }
        }
        #expect(refusal(ScenarioChanges(duration: .seconds(0))) == "--duration 0s is out of range: 1s to 7d")
        for rate in [0, -1, 1e10, 1e300, .infinity, .nan] {
            #expect(refusal(ScenarioChanges(rate: rate)).hasSuffix("is out of range: 0.01 to 10000000"), "\(rate)")
        }
        #expect(refusal(ScenarioChanges(warmup: .seconds(3601))).hasSuffix("is out of range: 0s to 1h"))
        #expect(refusal(ScenarioChanges(workers: 0)) == "--workers 0 is out of range: 1 to 64")
        #expect(refusal(ScenarioChanges(partitions: 1001)) == "--partitions 1001 is out of range: 1 to 1000")
        #expect(refusal(ScenarioChanges(duration: .seconds(15))).contains("a fault is at 20.0 s"))
        let changed = try ScenarioChanges(rate: 1e7, duration: .seconds(16)).applied(to: faulty)
        #expect(changed.plan.rate == 1e7 && changed.duration == 16 && changed.warmup == 5)
        let other = try ScenarioChanges(warmup: .seconds(7), workers: 3, partitions: 9).applied(to: faulty)
        #expect(other.warmup == 7 && other.workers == 3 && other.partitions == 9 && other.plan == faulty.plan)
        let second = try ScenarioFile.load(
            Self.least + "workers: 2\nfaults:\n  - { at: 1s, kind: kill, worker: 2 }\n", file: "s.yaml")
        let words = #expect(throws: WeirError.self) { _ = try ScenarioChanges(workers: 1).applied(to: second) }
        #expect(words?.message == "s.yaml: a fault is for worker 2, and there are 1")
    }

    /// A rate that is allowed takes the peak of a burst with it.
    @Test func peaksStayWithinTheLimit() throws {
        let bursts = try ScenarioFile.load(
            "scenario: x\ntopology: t\nrate: { shape: bursts, per_second: 10, peak: 1000 }", file: "s.yaml")
        #expect(throws: WeirError.self) { _ = try ScenarioChanges(rate: 2e6).applied(to: bursts) }
    }

    @Test func ownScenariosAreRight() throws {
        let folder = "\(Fixture.root)bench/scenarios"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        #expect(files.count > 3)
        for file in files {
            let scenario = try ScenarioFile.load(path: "\(folder)/\(file)")
            #expect(FileManager.default.fileExists(atPath: Fixture.root + scenario.topology), "\(file)")
            #expect(scenario.text.hasPrefix("# yaml-language-server: $schema=scenario.schema.json\n"), "\(file)")
        }
    }
}
