// Every mistake that a topology file can have, with the line it is reported by.

import Foundation
import TestSupport
import Testing
import WeirCore

@Suite struct TopologyMistakeTests {
    /// Line numbers below refer to this.
    private static let good = """
        topology: t
        version: 1
        group: weir.t
        sources:
          - topic: storage.usage.v1
            schema: storage.usage.v1
            key: org_id
            organisation: org_id
            idempotency:
              field: idempotency_key
              retention: 35d
              ignoring: [event_id]
            time:
              field: occurred_at
              earliest: 2020-01-01
              ahead: 24h
              grace: 3d
        meters:
          - name: storage_bytes
            source: storage.usage.v1
            aggregate: max
            field: bytes
            group_by: [region]
            window: 1h
        outputs:
          table: billing.usage
          topic: billing.usage.v1
        limits:
          batch_records: 1000
          batch_bytes: 64MiB
          record_bytes: 1MiB
        """

    private static func mistakes(in text: String) -> [String] {
        do {
            _ = try TopologyFile.load(text, file: "t.yaml")
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    private static func places(in text: String) -> [ConfigPosition] {
        do {
            _ = try TopologyFile.load(text, file: "t.yaml")
            return []
        } catch {
            return error.mistakes.map(\.position)
        }
    }

    @Test func theBaseHasNone() {
        #expect(Self.mistakes(in: Self.good) == [])
    }

    private static let duration = "(expected a number with a unit: 250ms, 5s, 10m, 2h, 35d)"
    private static let window =
        "(expected a span that divides a day evenly, whole days up to 366d, or 1mo: 10m, 1h, 1d, 7d, 1mo)"
    private static let name = "(expected letters, digits and any of . _ - (up to 200, the first a letter, digit or _))"
    private static let table =
        "(expected schema.table in lower-case letters, digits and _ (each up to 63): billing.usage)"
    private static let path = "(expected a field's name, with dots into records and maps: bytes, dimensions.region)"
    private static let meterFields = "(known: name, source, aggregate, field, group_by, window)"

    @Test(arguments: [
        // Unknown, missing and repeated fields.
        (
            "retention: 35d", "retention: 35d\n      retentoin: 3d",
            "12:7: unknown field 'retentoin' in idempotency; did you mean 'retention'? (known: field, retention, ignoring)"
        ),
        (
            "group: weir.t", "gruop: weir.t",
            "3:1: unknown field 'gruop' in the topology; did you mean 'group'? (known: topology, version, group, objective, sources, meters, outputs, limits, retry, breaker, quotas)"
        ),
        ("window: 1h", "window: 1h\n    colour: red", "25:5: unknown field 'colour' in meter \(meterFields)"),
        (
            "version: 1\n", "",
            "1:1: missing field 'version' in the topology (expected digits alone: 1, 25000)"
        ),
        ("      retention: 35d\n", "", "10:7: missing field 'retention' in idempotency \(duration)"),
        ("    window: 1h\n", "", "19:5: missing field 'window' in meter \(window)"),
        (
            "ahead: 24h", "ahead: 24h\n      field: at",
            "17:7: field 'field' is given twice in time (first given on line 14)"
        ),
        (
            "    field: bytes", "    \"field\": bytes\n    field: bytes",
            "23:5: field 'field' is given twice in meter (first given on line 22)"
        ),
        // Wrong types.
        (
            "version: 1", "version: one",
            "2:10: version is not a whole number: 'one' (expected digits alone: 1, 25000)"
        ),
        (
            "version: 1", "version: '1'",
            "2:10: version is not a whole number: '1' (expected digits alone: 1, 25000)"
        ),
        ("version: 1", "version: 0", "2:10: version is out of range: 0 (expected 1 to 2147483647)"),
        ("topology: t", "topology:", "1:10: topology is empty \(name)"),
        ("topology: t", "topology: [t]", "1:11: topology is a list \(name)"),
        ("group_by: [region]", "group_by: region", "23:15: group_by is a single value (expected a list)"),
        (
            "ignoring: [event_id]", "ignoring: [event.id]",
            "12:18: an entry of ignoring is not a top-level field: 'event.id' (expected the name of a field of the record itself, without dots: event_id)"
        ),
        // Names, tables, fields.
        ("topology: t", "topology: a b", "1:11: topology is not a name: 'a b' \(name)"),
        ("topology: t", "topology: ../t", "1:11: topology is not a name: '../t' \(name)"),
        ("group: weir.t", "group: grüppe", "3:8: group is not a name: 'grüppe' \(name)"),
        ("table: billing.usage", "table: usage", "26:10: table is not a table name: 'usage' \(table)"),
        ("table: billing.usage", "table: Billing.usage", "26:10: table is not a table name: 'Billing.usage' \(table)"),
        (
            "table: billing.usage", "table: 'a.b; DROP TABLE x'",
            "26:10: table is not a table name: 'a.b; DROP TABLE x' \(table)"
        ),
        ("table: billing.usage", "table: \"a.b\\n\"", "26:10: table is not a table name: 'a.b\n' \(table)"),
        (
            "table: billing.usage", "table: billin\u{212A}.usage",
            "26:10: table is not a table name: 'billin\u{212A}.usage' \(table)"
        ),
        ("field: bytes", "field: a..b", "22:12: field is not a field path: 'a..b' \(path)"),
        // Durations, sizes, times, windows, aggregates, numbers.
        ("retention: 35d", "retention: 5", "11:18: retention is not a duration: '5' \(duration)"),
        ("grace: 3d", "grace: 3 d", "17:14: grace is not a duration: '3 d' \(duration)"),
        ("retention: 35d", "retention: 0s", "11:18: retention is out of range: 0s (expected 1s to 3660d)"),
        (
            "batch_bytes: 64MiB", "batch_bytes: 64",
            "30:16: batch_bytes is not a size: '64' (expected a number with a unit: 512B, 64KiB, 1MiB, 2GiB)"
        ),
        (
            "batch_bytes: 64MiB", "batch_bytes: 64MB",
            "30:16: batch_bytes is not a size: '64MB' (expected a number with a unit: 512B, 64KiB, 1MiB, 2GiB)"
        ),
        ("record_bytes: 1MiB", "record_bytes: 0B", "31:17: record_bytes is out of range: 0B (expected 1B to 512MiB)"),
        (
            "record_bytes: 1MiB", "record_bytes: 65MiB",
            "31:17: record_bytes is larger than batch_bytes: 65MiB (expected 64MiB at the most)"
        ),
        (
            "batch_records: 1000", "batch_records: 0",
            "29:18: batch_records is out of range: 0 (expected 1 to 10000000)"
        ),
        (
            "batch_records: 1000", "batch_records: -3",
            "29:18: batch_records is out of range: -3 (expected 1 to 10000000)"
        ),
        (
            "2020-01-01", "2020-02-30",
            "15:17: earliest is not a timestamp: '2020-02-30' (expected a day or an instant in UTC: 2026-11-01, 2026-11-01T10:00:00Z)"
        ),
        ("window: 1h", "window: hourly", "24:13: window is not a window length: 'hourly' \(window)"),
        ("window: 1h", "window: 2mo", "24:13: window is not a window length: '2mo' \(window)"),
        ("window: 1h", "window: 7h", "24:13: window neither divides a day nor is whole days: 7h \(window)"),
        ("window: 1h", "window: 36h", "24:13: window neither divides a day nor is whole days: 36h \(window)"),
        ("window: 1h", "window: 500d", "24:13: window is out of range: 500d (expected 1s to 366d, or 1mo)"),
        ("window: 1h", "window: 1ms", "24:13: window is out of range: 1ms (expected 1s to 366d, or 1mo)"),
        (
            "aggregate: max", "aggregate: maxx",
            "21:16: aggregate is unknown: 'maxx'; did you mean 'max'? (expected one of count, sum, min, max, last, unique)"
        ),
        // What concerns several fields.
        (
            "aggregate: max", "aggregate: count",
            "22:12: meter 'storage_bytes' counts records, so it has no field (expected no field, or another aggregate)"
        ),
        (
            "    field: bytes\n", "",
            "19:5: missing field 'field' in meter 'storage_bytes' (max needs a field to measure)"
        ),
        (
            "source: storage.usage.v1", "source: storage.usgae.v1",
            "20:13: meter 'storage_bytes' reads unknown source 'storage.usgae.v1'; did you mean 'storage.usage.v1'? (known: storage.usage.v1)"
        ),
        (
            "group_by: [region]", "group_by: [region, region]",
            "23:24: field 'region' is grouped by twice (first on line 23)"
        ),
        (
            "group_by: [region]", "group_by: [org_id]",
            "23:16: meter 'storage_bytes' groups by 'org_id', the organisation (every result is per organisation already)"
        ),
        (
            "ignoring: [event_id]", "ignoring: [event_id, event_id]",
            "12:28: field 'event_id' is ignored twice (first on line 12)"
        ),
        (
            "topic: billing.usage.v1", "topic: storage.usage.v1",
            "27:10: the topology writes to 'storage.usage.v1', which it reads (expected another topic)"
        ),
        (
            "topic: billing.usage.v1", "lag: storage.usage.v1",
            "27:8: the topology writes to 'storage.usage.v1', which it reads (expected another topic)"
        ),
        (
            "topic: billing.usage.v1", "lag: storage.usage.v1.dlq",
            "27:8: 'storage.usage.v1.dlq' takes the dead letters of a source (expected another topic)"
        ),
        (
            "topic: billing.usage.v1", "topic: slo.lag.v1\n  lag: slo.lag.v1",
            "28:8: 'slo.lag.v1' takes the results (expected another topic)"
        ),
        ("topic: billing.usage.v1", "lag: a b", "27:8: lag is not a name: 'a b' \(name)"),
        (
            "meters:",
            "  - {topic: b, idempotency: {field: k, retention: 1d}, time: {field: t, earliest: 2020-01-01}}\nmeters:",
            "18:13: no meter reads source 'b' (expected a meter, or no such source)"
        ),
        (
            "outputs:", "  - {name: storage_bytes, source: storage.usage.v1, aggregate: count, window: 1d}\noutputs:",
            "25:12: meter 'storage_bytes' is given twice (first on line 19)"
        ),
        (
            "meters:",
            "  - {topic: storage.usage.v1, idempotency: {field: k, retention: 1d}, time: {field: t, earliest: 2020-01-01}}\nmeters:",
            "18:13: source 'storage.usage.v1' is given twice (first on line 5)"
        ),
        // YAML itself.
        (
            "group: weir.t", "group: [weir.t",
            "4:8: not valid YAML: while parsing a flow sequence from line 3: did not find expected ',' or ']'"
        ),
        ("group: weir.t", "group: *weir", "3:8: not valid YAML: found undefined alias"),
        ("group: weir.t", "group: weir\u{7}", "3:12: not valid YAML: control characters are not allowed"),
    ])
    func reports(old: String, new: String, expected: String) throws {
        let place = try #require(Self.good.range(of: old))
        let text = Self.good.replacingCharacters(in: place, with: new)
        #expect(Self.mistakes(in: text) == ["t.yaml:\(expected)"])
    }

    @Test func reportsAllMistakesByLine() {
        let text = """
            topology: t
            topology: u
            version: x
            sources:
              - topic: a
                topic: b
                topic: c
                idempotency: {field: key, retention: 5}
                time: {field: at}
              - just text
            meters: []
            outputs: {tabel: billing.usage}
            """
        #expect(
            Self.mistakes(in: text).map { $0.components(separatedBy: " (")[0] } == [
                "t.yaml:2:1: field 'topology' is given twice in the topology",
                "t.yaml:3:10: version is not a whole number: 'x'",
                "t.yaml:6:5: field 'topic' is given twice in source",
                "t.yaml:7:5: field 'topic' is given twice in source",
                "t.yaml:8:42: retention is not a duration: '5'",
                "t.yaml:9:11: missing field 'earliest' in time",
                "t.yaml:10:5: source is a single value",
                "t.yaml:11:9: meters is an empty list",
                "t.yaml:12:10: missing field 'table' in outputs",
                "t.yaml:12:11: unknown field 'tabel' in outputs; did you mean 'table'?",
            ])
    }

    @Test(arguments: [
        ("", "t.yaml:1:1: the file is empty"),
        ("# nothing\n", "t.yaml:1:1: the file is empty"),
        ("a\n", "t.yaml:1:1: the topology is a single value"),
        ("{? [a] : b}", "t.yaml:1:4: the name of a field must be text"),
        (
            "a: 1\n---\nb: 2\n",
            "t.yaml:2:1: not valid YAML: expected a single document in the stream from line 1: but found another document"
        ),
    ])
    func refusesWhatIsNoGroup(text: String, expected: String) {
        #expect(Self.mistakes(in: text).map { $0.components(separatedBy: " (")[0] } == [expected])
    }

    @Test func survivesAliasBombs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let mistakes = Self.mistakes(in: text)
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("more than 100000 values in one file") == true)
    }

    @Test func becomesAnErrorForTheCommandLine() {
        do {
            _ = try TopologyFile.load("topology: t", file: "t.yaml")
            Issue.record("loaded")
        } catch {
            #expect(error.weirError.status == .badData)
            #expect(error.weirError.message.split(separator: "\n").count == error.mistakes.count)
        }
    }

    /// No text may crash the loader: cut, double or swap pieces of a good file.
    @Test func survivesAnyText() {
        var random = SeededGenerator(seed: 5)
        let good = Array(Self.good)
        for _ in 0..<2000 {
            var text = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0..<text.count, using: &random)
                let end = min(text.count, start + Int.random(in: 1...20, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.removeSubrange(start..<end)
                case 1: text.insert(contentsOf: text[start..<end], at: Int.random(in: 0...text.count, using: &random))
                case 2: text[start] = "{}[]:,&*!|>'\"%@`#\n\t -?~".randomElement(using: &random) ?? "x"
                default: text.swapAt(start, end - 1)
                }
                if text.isEmpty { text = good }
            }
            let lines = text.count(where: \.isNewline) + 1
            let places = Self.places(in: String(text))
            #expect(places == places.sorted())
            #expect(places.allSatisfy { (1...lines + 1).contains($0.line) && $0.column > 0 })
        }
    }
}
