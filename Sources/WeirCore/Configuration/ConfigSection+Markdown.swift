// How a reference page shows a section: a table of fields for each group, and how to write the values.

extension ConfigSection {
    /// The section and all below it, outermost first, then the types of their values.
    package var reference: String {
        let sections = all
        return sections.map(\.page).joined() + Self.types(sections)
    }

    private var all: [ConfigSection] { [self] + options.compactMap(\.section).flatMap(\.all) }

    private var page: String {
        let rows = options.map { option in
            "| `\(option.name)` | \(Self.typeCell(option)) | \(option.defaultText) | \(option.doc) |\n"
        }
        return """
            ## \(heading)

            \(doc)

            | field | type | default | meaning |
            |---|---|---|---|
            \(rows.joined())

            """
    }

    private static func typeCell(_ option: any AnyConfigOption) -> String {
        option.bounds.isEmpty ? option.typeName : "\(option.typeName), \(option.bounds)"
    }

    private static func types(_ sections: [ConfigSection]) -> String {
        var seen: Set<ConfigLegend> = []
        var lines = ""
        for legend in sections.flatMap(\.options).compactMap(\.legend) where seen.insert(legend).inserted {
            lines += "- **\(legend.name)**: \(legend.notation).\n"
        }
        return "## Types\n\n" + lines
    }
}
