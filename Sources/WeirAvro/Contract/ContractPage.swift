// A subject as a page of documentation.

/// Markdown of one subject: its fields, its versions, what changed.
public struct ContractPage: Sendable {
    public let subject: String
    private let entries: [SchemaFolder.Entry]
    private let rules: SubjectRules

    public init(subject: String, in folder: SchemaFolder) {
        self.subject = subject
        entries = folder.versions(subject: subject)
        rules = folder.rules(subject: subject)
    }

    /// The schema's own sentence about itself.
    public var summary: String { entries.last.map { $0.schema[$0.schema.root].doc ?? "" } ?? "" }

    public var markdown: String {
        guard let newest = entries.last else { return "" }
        var text = "# \(subject)\n\n<!-- Generated: weir schema docs -->\n\n"
        if !summary.isEmpty { text += "\(summary)\n\n" }
        text += "Version \(newest.version), schema id \(newest.id), \(rules.compatibility.rawValue). "
        text += "Record `\(newest.schema[newest.schema.root].name ?? "")`.\n\n"
        text += "| field | type | default | meaning |\n|---|---|---|---|\n"
        for line in SchemaOutline(newest.schema).lines.dropFirst() {
            let symbols = line.symbols.isEmpty ? "" : ": " + line.symbols.map { "`\($0)`" }.joined(separator: ", ")
            let aliases =
                line.aliases.isEmpty ? "" : " Formerly \(line.aliases.map { "`\($0)`" }.joined(separator: ", "))."
            let fallback = line.fallback.map { "`\(Self.cell($0))`" } ?? "none"
            text += "| `\(Self.cell(line.path))` | \(Self.cell(line.words))\(symbols) | \(fallback) "
            text += "| \(Self.cell(line.doc ?? ""))\(aliases) |\n"
        }
        for (before, entry) in zip(entries, entries.dropFirst()).reversed() {
            text += "\n## What changed in version \(entry.version)\n\n```diff\n"
            let lines = SchemaDifference(from: before.schema, to: entry.schema).lines
            text += lines.isEmpty ? "nothing but documentation\n" : lines.joined(separator: "\n") + "\n"
            text += "```\n"
        }
        return text
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    /// The page that lists the others.
    public static func index(of pages: [ContractPage]) -> String {
        var text =
            "# Contracts\n\n<!-- Generated: weir schema docs -->\n\n| subject | version | what it is |\n|---|---|---|\n"
        for page in pages {
            let version = page.entries.last.map { String($0.version) } ?? ""
            text += "| [\(page.subject)](\(page.subject).md) | \(version) | \(cell(page.summary)) |\n"
        }
        return text
    }
}
