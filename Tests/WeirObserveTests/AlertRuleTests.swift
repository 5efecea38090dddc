// The alert rules: promtool's verdict, names that exist, and the burn rates that the code knows.

import Foundation
import TestSupport
import Testing
import WeirCore
import WeirObserve

struct AlertRuleTests {
    private static let folder = "deploy/prometheus"
    private static let rules = ["weir-rules.yaml", "weir-alerts.yaml"]

    @Test func promtoolTakesTheRules() throws {
        let verdict = try Promtool.run("check", "rules", "weir-rules.yaml", "weir-alerts.yaml", in: Self.folder)
        #expect(verdict.isGood, "\(verdict.words)")
        #expect(try Promtool.run("check", "config", "prometheus.yaml", in: Self.folder).isGood)
    }

    @Test(arguments: ["burn.yaml", "absence.yaml", "stall.yaml", "records.yaml", "disk.yaml"])
    func everyAlertFiresAndStaysQuiet(file: String) throws {
        let verdict = try Promtool.run("test", "rules", "tests/\(file)", in: Self.folder)
        #expect(verdict.isGood, "\(verdict.words)")
    }

    /// That no alert is left out above: each is expected once with alerts and once without.
    @Test func everyAlertIsTested() throws {
        let alerts = try Self.names(after: "- alert: ", in: "\(Self.folder)/weir-alerts.yaml")
        #expect(alerts.count > 10)
        let tests = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "\(Self.folder)/tests").path
        ).map { try Repository.text("\(Self.folder)/tests/\($0)") }.joined(separator: "\n")
        let operations = try Repository.text("docs/operations.md")
        for alert in alerts {
            let expectations = tests.components(separatedBy: "alertname: \(alert)\n").dropFirst()
            #expect(expectations.contains { $0.hasPrefix("        exp_alerts: []") }, "\(alert) is never quiet")
            #expect(expectations.contains { $0.hasPrefix("        exp_alerts:\n") }, "\(alert) never fires")
            #expect(operations.contains("\(alert)"), "docs/operations.md does not tell what \(alert) means")
        }
    }

    @Test func rulesNameMetricsThatExist() throws {
        let recorded = try Set(Self.names(after: "- record: ", in: "\(Self.folder)/weir-rules.yaml"))
        let known = Set(MetricCatalogue.all.flatMap(\.seriesNames)).union(recorded)
        var used = 0
        for file in Self.rules {
            let text = try Repository.text("\(Self.folder)/\(file)").split(separator: "\n")
                .filter { !$0.contains("record:") && !$0.contains("summary:") && !$0.contains("name:") }
                .joined(separator: "\n")
            for match in text.matches(of: /\bweir[_:][a-z0-9_:]+/) {
                used += 1
                #expect(known.contains(String(match.output)), "\(file) asks for \(match.output)")
            }
        }
        #expect(used > 30)
    }

    /// The windows and factors in PromQL are those of `BurnRule`, which the console goes by.
    @Test func burnRatesAgreeWithTheCode() throws {
        let alerts = try Repository.text("\(Self.folder)/weir-alerts.yaml")
        for rule in BurnRule.all {
            let factor = rule.factor == rule.factor.rounded() ? "\(Int(rule.factor))" : "\(rule.factor)"
            let expression =
                "weir:objective_burn:rate\(rule.long) > \(factor) and on (topology) "
                + "weir:objective_burn:rate\(rule.short) > \(factor)\n"
            let after = try #require(alerts.components(separatedBy: expression).dropFirst().first, "\(expression)")
            #expect(after.split(separator: "\n")[0].contains("severity: \(rule.urgency.rawValue)"))
        }
    }

    private static func names(after mark: String, in file: String) throws -> [String] {
        try Repository.text(file).split(separator: "\n").compactMap { line in
            line.range(of: mark).map { String(line[$0.upperBound...]).trimmingCharacters(in: .whitespaces) }
        }
    }
}
