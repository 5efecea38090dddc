// A folder of contracts against its own promises: what `weir schema check` says.

/// One subject's versions, each compared with those before it under the subject's level.
public struct ContractCheck: Sendable {
    public struct VersionFindings: Sendable {
        public let version: Int
        /// What it breaks of what was promised about versions before it.
        public let violations: [CompatibilityViolation]
        /// Since the version before; empty for the first.
        public let difference: [String]
    }

    public let subject: String
    public let rules: SubjectRules
    public let versions: [VersionFindings]
    /// What the newest version lacks, by the rules of style.
    public let style: [String]

    public var isFine: Bool { style.isEmpty && versions.allSatisfy(\.violations.isEmpty) }

    public init(subject: String, in folder: SchemaFolder) {
        self.subject = subject
        rules = folder.rules(subject: subject)
        let entries = folder.versions(subject: subject)
        var versions: [VersionFindings] = []
        for (index, entry) in entries.enumerated() {
            let before = entries[..<index].map { (version: $0.version, schema: $0.schema) }
            versions.append(
                VersionFindings(
                    version: entry.version,
                    violations: rules.compatibility.violations(of: entry.schema, against: before),
                    difference: before.last.map { SchemaDifference(from: $0.schema, to: entry.schema).lines } ?? []))
        }
        self.versions = versions
        let newest = entries.last?.schema
        let before = entries.dropLast().last?.schema
        style = rules.rules.flatMap { rule in newest.map { rule.findings(in: $0, before: before) } ?? [] }
    }

    /// The report, for people.
    public var lines: [String] {
        let numbers = versions.map { String($0.version) }.joined(separator: ", ")
        var lines = [
            "\(subject): \(versions.count == 1 ? "version" : "versions") \(numbers), \(rules.compatibility.rawValue)"
        ]
        for findings in versions where !findings.violations.isEmpty {
            lines.append("  version \(findings.version) breaks it")
            for line in findings.difference { lines.append("      \(line)") }
            for violation in findings.violations {
                let reason = violation.reason
                lines.append("    \(violation.headline): \(reason.place.isEmpty ? reason.path : reason.place)")
                lines.append("      \(reason.message)")
                lines.append("      \(reason.kind.rawValue) at \(reason.path)")
            }
        }
        for finding in style { lines.append("  \(finding)") }
        return lines
    }
}
