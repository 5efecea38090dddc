// The folder behind the registry: whole after any end, seen when people change it, written by one.

import Foundation
import Testing
import WeirAvro
import WeirCore
import WeirRegistry

@Suite struct SchemaStoreTests {
    private func folder(_ more: [String: String] = [:]) throws -> TemporaryFolder {
        try TemporaryFolder(
            ["ids.yaml": "# mine\n7: usage/1.avsc", "usage/1.avsc": TestRegistry.usage].merging(more) { $1 })
    }

    private func int() throws -> AvroSchema { try AvroSchema(parsing: #""int""#, source: "int") }

    @Test func idsGoUpAndCommentsStay() throws {
        let folder = try folder()
        let store = try SchemaStore(path: folder.path, isWritable: true)
        let first = try store.add(try int(), text: #""int""#, to: "a")
        let second = try store.add(try int(), text: #""int""#, to: "b")
        #expect(first.id == 8 && first.version == 1 && second.id == 9)
        #expect(try folder.text("ids.yaml") == "# mine\n7: usage/1.avsc\n8: a/1.avsc\n9: b/1.avsc\n")
        #expect(try SchemaFolder(path: folder.path).entry(id: 9)?.subject == "b")
    }

    /// The process ended between naming the file and moving it to its place.
    @Test func aHalfRegistrationIsFinished() throws {
        let folder = try folder(["a/1.avsc.new": #""int""#, "ids.yaml": "7: usage/1.avsc\n8: a/1.avsc\n"])
        #expect(throws: WeirError.self) { try SchemaFolder(path: folder.path) }
        let store = try SchemaStore(path: folder.path, isWritable: true)
        #expect(store.folder.entry(id: 8)?.schema.text == #""int""#)
        // One that was never named never was.
        let early = try self.folder(["a/1.avsc.new": #""int""#])
        let other = try SchemaStore(path: early.path, isWritable: true)
        #expect(other.folder.subjects == ["usage"])
        #expect(try other.add(try int(), text: #""int""#, to: "a").id == 8)
    }

    @Test func whatPeopleChangeIsSeen() throws {
        let folder = try folder()
        let store = try SchemaStore(path: folder.path, isWritable: false)
        try folder.write(#""string""#, to: "b/1.avsc")
        try folder.write("7: usage/1.avsc\n20: b/1.avsc\n", to: "ids.yaml")
        try store.refresh()
        #expect(store.folder.entry(id: 20)?.subject == "b")
        // A mistake is told, and nothing lost.
        try folder.write("7: usage/1.avsc\n20: c/1.avsc\n", to: "ids.yaml")
        #expect(throws: WeirError.self) { try store.refresh() }
        #expect(store.folder.entry(id: 20)?.subject == "b")
    }

    @Test func oneWriterAtATime() throws {
        let folder = try folder()
        var first: SchemaStore? = try SchemaStore(path: folder.path, isWritable: true)
        #expect { try SchemaStore(path: folder.path, isWritable: true) } throws: { "\($0)".contains("another") }
        _ = try SchemaStore(path: folder.path, isWritable: false)
        #expect(first != nil)
        first = nil
        _ = try SchemaStore(path: folder.path, isWritable: true)
    }

    @Test func aLevelIsWrittenWhereItIsDeclared() throws {
        let folder = try folder(["usage/config.yaml": "# why\ncompatibility: BACKWARD\nrules: [doc]\n"])
        let store = try SchemaStore(path: folder.path, isWritable: true)
        try store.setCompatibility(.full, of: "usage")
        #expect(try folder.text("usage/config.yaml") == "# why\ncompatibility: FULL\nrules: [doc]\n")
        try store.setCompatibility(.none, of: nil)
        #expect(try folder.text("config.yaml") == "compatibility: NONE\n")
        #expect(store.folder.rules(subject: "usage").compatibility == .full)
        #expect(store.folder.rules(subject: "other").compatibility == .none)
    }

    @Test(arguments: [
        ("storage.usage.v1-value", true), ("weir.storage.StorageUsage", true), ("a_b-c.9", true), ("", false),
        ("..", false), (".git", false), ("a/b", false), ("a b", false), ("ä", false), ("a\u{0}", false),
        (String(repeating: "a", count: 201), false),
    ])
    func aSubjectIsAFoldersName(_ name: String, _ isLegal: Bool) {
        #expect(SchemaStore.isLegal(name) == isLegal)
    }

    @Test func strategiesNameSubjects() {
        let names = SubjectNameStrategy.allCases.map { $0.subject(topic: "t", record: "n.R") }
        #expect(names == ["t-value", "n.R", "t-n.R"])
    }
}
