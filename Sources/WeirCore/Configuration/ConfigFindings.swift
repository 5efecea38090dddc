// Where a reader of a configuration file puts what it finds wrong, so that it can go on reading.

/// The mistakes found in one file so far.
package struct ConfigFindings: Sendable {
    package let file: String
    private var found: [ConfigMistake] = []
    private var known: Set<ConfigMistake> = []

    package init(file: String) { self.file = file }

    package var isEmpty: Bool { found.isEmpty }

    package mutating func add(_ position: ConfigPosition, _ problem: String, expected: String = "") {
        let mistake = ConfigMistake(file: file, position: position, problem: problem, expected: expected)
        // A part that is reused through a YAML alias is read once for each use; its mistakes count once.
        if known.insert(mistake).inserted { found.append(mistake) }
    }

    /// Throws all mistakes, sorted by line, if there are any.
    package func throwIfAny() throws(ConfigMistakes) {
        guard !found.isEmpty else { return }
        throw ConfigMistakes(
            found.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }.map(
                \.element))
    }
}
