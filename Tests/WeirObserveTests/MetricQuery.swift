// What an expression of PromQL names: metrics and labels. Whether it is one at all, promtool says.

import Foundation
import TestSupport
import WeirObserve

struct MetricQuery {
    /// Metrics, each with the labels that its matchers name.
    private(set) var metrics: [(name: String, matchers: [String])] = []
    /// Labels of `by`, `on` and the like.
    private(set) var grouping: [String] = []

    private static let words: Set = [
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "inf",
        "nan",
    ]

    init(_ expression: String) {
        let bare = expression.replacing(/"[^"]*"/, with: "").replacing(/\[[^\]]*\]/, with: "")
        let lists = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/
        for match in bare.matches(of: lists) { grouping += Self.list(match.1) }
        let rest = bare.replacing(lists, with: " ")
        for match in rest.matches(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^}]*\}|\()?/) {
            let name = String(match.1)
            let tail = match.2 ?? ""
            guard tail != "(", !Self.words.contains(name.lowercased()) else { continue }
            let matchers = tail.matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=|!)/).map { String($0.1) }
            metrics.append((name, matchers))
        }
    }

    private static func list(_ text: Substring) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Names that exist, each with its labels: what Weir tells, what the rules record, and what Prometheus adds.
    static func known() throws -> [String: Set<String>] {
        let added: Set = ["job", "instance"]
        var known: [String: Set<String>] = [:]
        for family in MetricCatalogue.all + MetricCatalogue.groups {
            for name in family.seriesNames {
                known[name] = added.union(family.labels).union(name.hasSuffix("_bucket") ? ["le"] : [])
            }
        }
        for line in try Repository.text("deploy/prometheus/weir-rules.yaml").split(separator: "\n") {
            guard let match = line.firstMatch(of: /- record: (\S+)/) else { continue }
            known[String(match.1)] = ["topology"]
        }
        known["up"] = added
        return known
    }
}
