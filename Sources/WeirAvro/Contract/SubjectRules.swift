// What a subject promises: `config.yaml` in its folder, or for all subjects in the folder above.

public import WeirCore

/// The compatibility of a subject's versions, and the rules of style they are held to.
public struct SubjectRules: Sendable, Equatable {
    public var compatibility = CompatibilityLevel.backward
    public var rules = ContractRule.allCases
    /// Whether the level is its own, and not that of the folder.
    public private(set) var declaresCompatibility = false

    /// Name of the file, in `schemas/` for all subjects and in `schemas/<subject>/` for one.
    public static let fileName = "config.yaml"

    public init() {}

    /// Reads a file.
    ///
    /// - Parameter usual: what holds for what the file does not say.
    public init(yaml: String, file: String, usual: SubjectRules) throws(ConfigMistakes) {
        self = usual
        declaresCompatibility = false
        var findings = ConfigFindings(file: file)
        if let root = ConfigNode.parse(yaml: yaml, into: &findings),
            let fields = SubjectRulesFormat.section.read(root, into: &findings)
        {
            if let level = fields[SubjectRulesFormat.compatibility] {
                compatibility = level
                declaresCompatibility = true
            }
            if let given = fields[SubjectRulesFormat.rules] { rules = given.map(\.value) }
        }
        try findings.throwIfAny()
    }
}

enum SubjectRulesFormat {
    static let compatibility = ConfigOption<CompatibilityLevel>(
        "compatibility", .choice(name: "compatibility level"), .derived("that of the folder, `BACKWARD` without one"),
        "What a new version of a subject is compared with, and in which direction.")
    static let rules = ConfigOption<[Placed<ContractRule>]>(
        "rules", .list(of: .choice(name: "rule")), .derived("those of the folder, all without any"),
        "Rules of style that `weir schema check` holds the newest version to.")

    static let section = ConfigSection(
        name: "the subject's configuration", heading: SubjectRules.fileName,
        doc: "The promises of one subject, or of all.", options: [compatibility, rules])
}
