// Names asked for once, kept for good, and on disk for when nobody answers.

import Foundation
import Testing
import WeirAvro
import WeirHTTP
import WeirRegistry

@Suite struct RegistrySourceTests {
    private func isKnown(_ answer: SchemaAnswer, _ name: WireSchema) -> Bool {
        if case .schema = answer.catalog?.meaning(of: name) { true } else { false }
    }

    @Test func manyWorkersAskOnce() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let source = try registry.source()
        DispatchQueue.concurrentPerform(iterations: 32) { _ in
            for _ in 0..<20 { #expect(isKnown(source.ask([.id(3)]), .id(3))) }
        }
        #expect(registry.requests == ["GET /schemas/ids/3"])
    }

    @Test func aStormOfOneUnknownIdIsAskedAboutEverMoreSeldom() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let source = try registry.source(first: .milliseconds(40), longest: .milliseconds(160))
        let end = ContinuousClock.now + .milliseconds(600)
        var asked = 0
        while ContinuousClock.now < end {
            let answer = source.ask([.id(99)])
            #expect(answer.unknown == [.id(99)] && answer.failure == nil)
            asked += 1
        }
        // At 0, 40, 120, 280, 440, 600 ms.
        #expect(asked > 50)
        #expect((2...6).contains(registry.requests.count), "\(registry.requests.count)")
        // It becomes known all the same.
        try registry.folder.write(#""int""#, to: "other/1.avsc")
        try registry.folder.write("3: usage/1.avsc\n99: other/1.avsc\n", to: "ids.yaml")
        let deadline = ContinuousClock.now + .seconds(5)
        while !isKnown(source.ask([.id(99)]), .id(99)), ContinuousClock.now < deadline {}
        #expect(isKnown(source.ask([.id(99)]), .id(99)))
    }

    @Test func whileNobodyAnswersTheDiskDoes() throws {
        let disk = try TemporaryFolder()
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let url = registry.url
        #expect(isKnown(try registry.source(disk: disk.path).ask([.id(3)]), .id(3)))
        registry.answer(with: plain(503, "{}"))
        let later = try registry.source(disk: disk.path)
        let answer = later.ask([.id(3), .id(5)])
        #expect(isKnown(answer, .id(3)))
        #expect(!isKnown(answer, .id(5)) && answer.unknown.isEmpty)
        #expect(answer.failure?.contains("503") == true, "\(String(describing: answer.failure))")
        // One request told that it is away: the second name did not wait for another.
        #expect(registry.requests == ["GET /schemas/ids/3", "GET /schemas/ids/3"])
        #expect(later.ask([.id(3)]).failure == nil)
        // Another registry's names are others.
        let other = try registry.source(disk: disk.path, url: "http://127.0.0.1:1")
        #expect(!isKnown(other.ask([.id(3)]), .id(3)))
        #expect(url == registry.url)
    }

    /// A registry that was made anew gives an old id to another schema: what it says counts, not the disk.
    @Test func theRegistryIsRightAndTheDiskIsNot() throws {
        let disk = try TemporaryFolder()
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        _ = try registry.source(disk: disk.path).ask([.id(3)])
        registry.answer(with: plain(200, #"{"schema": "\"long\""}"#))
        let answer = try registry.source(disk: disk.path).ask([.id(3)])
        guard case .schema(let entry) = answer.catalog?.meaning(of: .id(3)) else {
            Issue.record("not known")
            return
        }
        #expect(entry.schema.text == #""long""#)
    }

    @Test func aDamagedFileIsAsIfItWereNotThere() throws {
        let disk = try TemporaryFolder()
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        _ = try registry.source(disk: disk.path).ask([.id(3)])
        let file = try #require(disk.files.first { $0.hasSuffix(".json") })
        let good = try disk.text(file)
        registry.answer(with: plain(503, "{}"))
        #expect(isKnown(try registry.source(disk: disk.path).ask([.id(3)]), .id(3)))
        for damaged in [
            "", "{", String(good.dropLast(20)), good.replacing("\\\"int\\\"", with: "\\\"long\\\""),
            good.replacing("id 3", with: "id 4"),
        ] {
            #expect(damaged != good)
            try disk.write(damaged, to: file)
            #expect(!isKnown(try registry.source(disk: disk.path).ask([.id(3)]), .id(3)), "\(damaged)")
        }
        // A folder that cannot be written to costs nothing but the copy.
        registry.answer(with: nil)
        #expect(isKnown(try registry.source(disk: "/proc/none").ask([.id(3)]), .id(3)))
    }

    @Test(arguments: [
        #"{"schema": "syntax = \"proto3\";", "schemaType": "PROTOBUF"}"#, #"{"schema": "{\"type\": \"nothing\"}"}"#,
    ])
    func whatCannotBeReadWithIsKnownToBeSo(_ text: String) throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        registry.answer(with: plain(200, text))
        let answer = try registry.source().ask([.id(8)])
        guard case .unusable(let words) = answer.catalog?.meaning(of: .id(8)) else {
            Issue.record("\(answer)")
            return
        }
        #expect(words.contains("8"), "\(words)")
        #expect(answer.unknown.isEmpty && answer.failure == nil)
    }
}
