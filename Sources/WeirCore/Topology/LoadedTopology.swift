// A topology that was read from a file without mistakes, and where everything stands in that file.

/// Checks that need more than the file (does the schema exist, does it have the field) go on from here
/// and report with `mistake`, so that their messages look like the loader's.
public struct LoadedTopology: Sendable {
    public let topology: Topology
    /// The file's name as it was given, for messages.
    public let file: String
    /// Every mention of a field, in the order of the file; a field that one line uses twice in the
    /// same way is listed once.
    public let fieldUses: [FieldUse]
    private let positions: [TopologyPart: ConfigPosition]

    init(topology: Topology, file: String, fieldUses: [FieldUse], positions: [TopologyPart: ConfigPosition]) {
        self.topology = topology
        self.file = file
        self.fieldUses = fieldUses
        self.positions = positions
    }

    /// Where a part stands; the start of the file for one that the file does not have.
    public func position(of part: TopologyPart) -> ConfigPosition {
        positions[part] ?? ConfigPosition(line: 1, column: 1)
    }

    /// What the topology asks of the records of one source, each once.
    public func requests(of source: String) -> [FieldRequest] {
        var result: [FieldRequest] = []
        for use in fieldUses where use.source == source && !result.contains(use.request) {
            result.append(use.request)
        }
        return result
    }

    /// A mistake at a part of the file.
    public func mistake(at part: TopologyPart, _ problem: String, expected: String = "") -> ConfigMistake {
        ConfigMistake(file: file, position: position(of: part), problem: problem, expected: expected)
    }

    /// A mistake where a field is named: `<role>: <problem>`.
    public func mistake(at use: FieldUse, _ problem: String, expected: String = "") -> ConfigMistake {
        ConfigMistake(
            file: file, position: use.position, problem: "\(use.request.path), \(use.role): \(problem)",
            expected: expected)
    }
}
