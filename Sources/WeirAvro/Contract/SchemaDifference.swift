// What changed between two schemas, field by field.

public struct SchemaDifference: Sendable {
    /// Lines with `-` (only in the old), `+` (only in the new) or `~` (changed) in front; empty if nothing changed
    /// that a reader or writer could notice. Changed documentation does not count.
    public let lines: [String]

    public init(from old: AvroSchema, to new: AvroSchema) {
        let before = SchemaOutline(old).lines
        let after = SchemaOutline(new).lines
        var lines: [String] = []
        for line in before where !after.contains(where: { $0.path == line.path }) {
            lines.append("- \(line.path): \(line.full)")
        }
        for line in after {
            let name = line.path.isEmpty ? "the schema" : line.path
            guard let was = before.first(where: { $0.path == line.path }) else {
                lines.append("+ \(name): \(line.full)")
                continue
            }
            if was.full != line.full { lines.append("~ \(name): \(was.full)  →  \(line.full)") }
        }
        self.lines = lines
    }
}
