// Grafana's dashboards: every metric, label and variable that they name exists, and Prometheus takes every expression.

import Foundation
import TestSupport
import Testing
import WeirObserve

struct DashboardTests {
    /// Grafana's own, for expressions.
    private static let builtIn = ["$__rate_interval": "5m", "$__range": "1h"]

    @Test func theDashboardsAreThere() throws {
        let all = try Dashboard.all()
        #expect(
            all.map(\.uid).sorted() == ["dead-letters", "fleet", "slo", "tenants", "topology"].map { "weir-\($0)" })
        #expect(Set(all.map(\.title)).count == all.count)
        for dashboard in all { #expect(dashboard.overlaps == [], "\(dashboard.file)") }
    }

    @Test func everyMetricAndLabelExists() throws {
        let known = try MetricQuery.known()
        var used: Set<String> = []
        for dashboard in try Dashboard.all() {
            for question in dashboard.expressions {
                let place = "\(dashboard.file), \(question.panel): \(question.text)"
                let query = MetricQuery(question.text)
                #expect(!query.metrics.isEmpty, "\(place)")
                var labels: Set<String> = []
                for (name, matchers) in query.metrics {
                    let own = try #require(known[name], "\(place): there is no \(name)")
                    labels.formUnion(own)
                    used.insert(name)
                    #expect(own.isSuperset(of: matchers), "\(place): \(name) has no \(matchers)")
                }
                #expect(labels.isSuperset(of: query.grouping), "\(place)")
                let legend = question.legend.matches(of: /\{\{(\w+)\}\}/).map { String($0.1) }
                #expect(labels.isSuperset(of: legend), "\(place): \(question.legend)")
            }
            for text in dashboard.labelQueries {
                let match = try #require(
                    text.wholeMatch(of: /label_values\((\w+), (\w+)\)/), "\(dashboard.file): \(text)")
                #expect(known[String(match.1)]?.contains(String(match.2)) == true, "\(dashboard.file): \(text)")
            }
        }
        #expect(used.count > 40)
    }

    @Test func prometheusTakesEveryExpression() throws {
        var rules = "groups:\n  - name: dashboards\n    rules:\n"
        var count = 0
        for dashboard in try Dashboard.all() {
            for question in dashboard.expressions {
                var text = question.text
                for (name, value) in Self.builtIn { text = text.replacingOccurrences(of: name, with: value) }
                for name in dashboard.variables { text = text.replacingOccurrences(of: "$\(name)", with: "x") }
                #expect(
                    !text.contains("$"), "\(dashboard.file), \(question.panel): a variable that is not there: \(text)")
                count += 1
                let quoted = text.replacingOccurrences(of: "'", with: "''")
                rules += "      - record: panel:\(count)\n        expr: '\(quoted)'\n"
            }
        }
        #expect(count > 60)
        let file = FileManager.default.temporaryDirectory.appending(path: "weir-dashboards-\(UUID().uuidString).yaml")
        try rules.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let verdict = try Promtool.run("check", "rules", file.path)
        #expect(verdict.isGood, "\(verdict.words)")
        #expect(verdict.words.contains("\(count) rules found"), "\(verdict.words)")
    }

    /// No data is bad news: a value says so itself, and no expression makes a green 0 of it.
    @Test func whatIsNotToldIsNotZero() throws {
        for dashboard in try Dashboard.all() {
            #expect(dashboard.silentStats == [], "\(dashboard.file)")
            for question in dashboard.expressions {
                #expect(!question.text.hasSuffix("or vector(0)"), "\(dashboard.file), \(question.panel)")
            }
        }
    }

    /// What grows with the number of customers has no place in Prometheus: tenants are asked of PostgreSQL.
    @Test func noMetricHasALabelForOrganisations() throws {
        for (name, labels) in try MetricQuery.known() {
            #expect(labels.isDisjoint(with: ["org", "org_id", "organisation", "tenant"]), "\(name)")
        }
        let tenants = try Dashboard(file: "deploy/grafana/tenants.json")
        #expect(tenants.hasSQL && tenants.expressions.isEmpty)
    }
}
