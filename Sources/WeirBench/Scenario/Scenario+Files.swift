// Whether the files are there that a scenario names.

internal import Foundation
public import WeirCore

extension Scenario {
    /// Fails with the scenario's own line: who gets no more than the path does not know who names it.
    public func checkFiles() throws(WeirError) {
        let start = "expected a path that starts in \(FileManager.default.currentDirectoryPath)"
        var mistakes: [ConfigMistake] = []
        if isFolder(topology) != false {
            mistakes.append(
                ConfigMistake(
                    file: file, position: places.topology, problem: "there is no topology file \(topology)",
                    expected: start))
        }
        if isFolder(schemas) != true {
            mistakes.append(
                ConfigMistake(
                    file: file, position: places.schemas, problem: "there is no folder of schemas \(schemas)",
                    expected: start))
        }
        if !mistakes.isEmpty { throw ConfigMistakes(mistakes).weirError }
    }

    /// Nil if there is nothing.
    private func isFolder(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }
}
