// From the text of a topology file to a topology, or to all mistakes in it.

public enum TopologyFile {
    /// Reads and checks a topology.
    ///
    /// - Parameters:
    ///   - text: the YAML.
    ///   - file: its name, for messages.
    /// - Throws: every mistake found, by line. Fields are not looked up in schemas here; see
    ///   `LoadedTopology.fieldUses`.
    public static func load(_ text: String, file: String) throws(ConfigMistakes) -> LoadedTopology {
        var findings = ConfigFindings(file: file)
        var loaded: LoadedTopology?
        if let root = ConfigNode.parse(yaml: text, into: &findings),
            let fields = TopologyFormat.Root.section.read(root, into: &findings)
        {
            var reader = TopologyReader(findings: findings)
            loaded = reader.read(fields)
            findings = reader.findings
        }
        try findings.throwIfAny()
        guard let loaded else { preconditionFailure("a topology was refused without a mistake") }
        return loaded
    }
}
