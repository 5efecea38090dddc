// A folder of contracts, whole and broken.

import Foundation
import Testing
import WeirAvro
import WeirCore

@Suite struct FolderTests {
    /// Writes files below a folder of its own, loads it, and removes it again.
    func load(_ files: [String: String]) throws -> Result<SchemaFolder, WeirError> {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appendingPathComponent("weir-\(UUID().uuidString)")
        defer { try? manager.removeItem(at: root) }
        try manager.createDirectory(at: root, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = root.appendingPathComponent(name)
            try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return Result { () throws(WeirError) in try SchemaFolder(path: root.path) }
    }

    func failure(_ files: [String: String]) throws -> String {
        guard case .failure(let error) = try load(files) else {
            Issue.record("the folder was accepted")
            return ""
        }
        #expect(error.status == .badData)
        return error.description
    }

    @Test func schemasAreFoundByIdAndSubject() throws {
        let folder = try load([
            "a.v1/1.avsc": #""int""#, "a.v1/10.avsc": #""long""#, "a.v1/2.avsc": #""string""#,
            "b.v1/1.avsc": #""null""#,
            "a.v1/notes.md": "not a schema",
            "ids.yaml": "# ids\n1: a.v1/1.avsc\n2: a.v1/2.avsc\n7: a.v1/10.avsc\n2147483647: b.v1/1.avsc\n",
        ]).get()
        #expect(folder.subjects == ["a.v1", "b.v1"])
        #expect(folder.schema(id: 1)?[0].kind.word == "int")
        #expect(folder.schema(id: 3) == nil)
        let latest = try #require(folder.latest(subject: "a.v1"))
        #expect(latest.id == 7)
        #expect(latest.version == 10)
        #expect(latest.schema[0].kind.word == "long")
        #expect(folder.versions(subject: "a.v1").map(\.version) == [1, 2, 10])
        #expect(folder.latest(subject: "c") == nil)
    }

    @Test func mistakesAreToldWithTheirPlace() throws {
        let file = ["a/1.avsc": #""int""#]
        let cases: [([String: String], String)] = [
            (["ids.yaml": "1: a/1.avsc\n2: a/2.avsc\n"], "ids.yaml:2: there is no schema file"),
            (["ids.yaml": "1: a/1.avsc\n1: a/1.avsc\n"], "id 1 is given twice"),
            (["ids.yaml": "1: a/1.avsc\n2: a/1.avsc\n"], "ids.yaml:2: a/1.avsc already has id 1"),
            (["ids.yaml": "1: a/1.avsc\n0x1: a/1.avsc\n"], "ids.yaml:2: \"0x1\" is no schema id"),
            (["ids.yaml": "0: a/1.avsc\n"], "ids.yaml:1: \"0\" is no schema id"),
            (["ids.yaml": "-1: a/1.avsc\n"], "is no schema id"),
            (["ids.yaml": "2147483648: a/1.avsc\n"], "is no schema id"),
            (["ids.yaml": "- a/1.avsc\n"], "ids.yaml:1: expected a mapping"),
            (["ids.yaml": "1: [a]\n"], "ids.yaml:1: expected the file that has id 1"),
            (["ids.yaml": "1: 'a\n"], "ids.yaml:"),
            (["ids.yaml": ""], "a/1.avsc: the schema has no id\n  Add a line to"),
            ([:], "ids.yaml: the file cannot be read"),
            (["ids.yaml": "1: a/1.avsc\n", "a/one.avsc": "x"], "one.avsc: the file's name is no version"),
            (["ids.yaml": "1: a/1.avsc\n", "a/0.avsc": "x"], "0.avsc: the file's name is no version"),
            (["ids.yaml": "1: a/1.avsc\n", "a/1.avsc": "{"], "a/1.avsc:1:1: not JSON"),
        ]
        for (files, words) in cases {
            let message = try failure(file.merging(files) { $1 })
            #expect(message.contains(words), "\(message)")
        }
        guard case .failure(let error) = Result(catching: { () throws(WeirError) in try SchemaFolder(path: "/none") })
        else { return }
        #expect(error.message == "/none: the folder cannot be read")
    }
}
