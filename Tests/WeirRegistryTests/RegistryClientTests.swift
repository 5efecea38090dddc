// The client against the service: what is asked and what the answers mean.

import Foundation
import Testing
import WeirAvro
import WeirCore
import WeirHTTP
import WeirRegistry

@Suite struct RegistryClientTests {
    private static let wider =
        #"{"type": "record", "name": "Usage", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string", "default": ""}]}"#
    private static let broken =
        #"{"type": "record", "name": "Usage", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}"#

    private func code(_ body: () throws -> Void) -> Int? {
        do {
            try body()
            return nil
        } catch {
            return (error as? RegistryError)?.code
        }
    }

    @Test func everythingThatIsThereIsFound() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let client = try registry.client()
        #expect(try client.schema(id: 3).text == TestRegistry.usage)
        #expect(try client.subjects() == ["usage"])
        #expect(try client.versions(of: "usage") == [1])
        let newest = try client.version(nil, of: "usage")
        #expect(newest.id == 3 && newest.version == 1 && newest.subject == "usage")
        #expect(try client.version(1, of: "usage-value").subject == "usage-value")
        // By the same schema in other words.
        let other = #"{"name":"Usage","type":"record","fields":[{"type":{"type":"int"},"name":"a"}]}"#
        #expect(try client.lookUp(SchemaContent(text: other), in: "usage").id == 3)
        let guid = try AvroSchema(parsing: TestRegistry.usage, source: "test").guid
        #expect(try client.schema(guid: guid).text == TestRegistry.usage)
        #expect(try client.compatibility(of: nil) == .backward)
        #expect(try client.compatibility(of: "usage") == .backward)
        #expect(try client.mode(of: nil) == "READWRITE")
    }

    @Test func whatIsNotThereHasItsCode() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let client = try registry.client()
        #expect(code { _ = try client.schema(id: 99) } == 40403)
        #expect(code { _ = try client.schema(guid: SchemaGUID(high: 1, low: 2)) } == 40403)
        #expect(code { _ = try client.versions(of: "none") } == 40401)
        #expect(code { _ = try client.version(7, of: "usage") } == 40402)
        #expect(code { _ = try client.version(-7, of: "usage") } == 42202)
        #expect(code { _ = try client.lookUp(SchemaContent(text: Self.wider), in: "usage") } == 40403)
        #expect(code { _ = try client.lookUp(SchemaContent(text: Self.wider), in: "none") } == 40401)
        #expect(code { _ = try client.register(SchemaContent(text: "{"), in: "usage") } == 42201)
        #expect(code { _ = try client.register(SchemaContent(text: #""int"x"#), in: "usage") } == 42201)
        #expect(code { _ = try client.register(SchemaContent(type: "PROTOBUF", text: "x"), in: "usage") } == 42201)
        #expect(code { _ = try client.register(SchemaContent(text: #""int""#), in: "../../etc") } == 42208)
        #expect(code { _ = try client.register(SchemaContent(text: #""int""#), in: ".hidden") } == 42208)
    }

    @Test func registeringGivesAnIdAndKeepsThePromise() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let client = try registry.client()
        #expect(code { _ = try client.register(SchemaContent(text: Self.broken), in: "usage") } == 409)
        let (isCompatible, messages) = try client.isCompatible(SchemaContent(text: Self.broken), with: nil, of: "usage")
        #expect(!isCompatible && messages.count == 1)
        #expect(messages.first?.contains("READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1") == true, "\(messages)")
        #expect(try client.isCompatible(SchemaContent(text: Self.wider), with: 1, of: "usage").isCompatible)
        #expect(try client.register(SchemaContent(text: Self.wider), in: "usage-value") == 4)
        // A second time it is the same, and no file more.
        #expect(try client.register(SchemaContent(text: Self.wider), in: "usage") == 4)
        #expect(registry.folder.files == ["ids.yaml", "usage", "usage/1.avsc", "usage/2.avsc"])
        #expect(try registry.folder.text("ids.yaml") == "3: usage/1.avsc\n4: usage/2.avsc\n")
        try client.setCompatibility(.none, of: "usage")
        #expect(try client.compatibility(of: "usage") == .none)
        #expect(try client.compatibility(of: nil) == .backward)
        #expect(try client.register(SchemaContent(text: Self.broken), in: "usage") == 5)
        try client.setCompatibility(.fullTransitive, of: nil)
        #expect(try client.compatibility(of: nil) == .fullTransitive)
        #expect(code { try client.setCompatibility(.full, of: "none") } == 40401)
    }

    @Test func aReadOnlyRegistryKnowsWhatItHas() throws {
        let registry = try TestRegistry(isWritable: false)
        defer { withExtendedLifetime(registry) {} }
        let client = try registry.client()
        #expect(try client.register(SchemaContent(text: TestRegistry.usage), in: "usage") == 3)
        #expect(code { _ = try client.register(SchemaContent(text: Self.wider), in: "usage") } == 42205)
        #expect(code { try client.setCompatibility(.none, of: "usage") } == 42205)
        #expect(try client.mode(of: nil) == "READONLY")
        #expect(registry.folder.files == ["ids.yaml", "usage", "usage/1.avsc"])
    }

    @Test func referencesAreFollowed() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        let client = try registry.client()
        let money =
            #"{"type": "record", "name": "Money", "namespace": "m", "fields": [{"name": "cents", "type": "long"}]}"#
        _ = try client.register(SchemaContent(text: money), in: "money")
        let line = SchemaContent(
            text:
                #"{"type": "record", "name": "Line", "namespace": "n", "fields": [{"name": "a", "type": "m.Money"}, {"name": "b", "type": ["null", "m.Money"]}]}"#,
            references: [.init(name: "m.Money", subject: "money", version: 1)])
        let id = try client.register(line, in: "line")
        // The folder's file stands alone.
        let stored = try AvroSchema(parsing: try client.schema(id: id).text, source: "line")
        #expect(stored.type(at: FieldPath("a.cents"))?.words == "long")
        #expect(try client.lookUp(line, in: "line").id == id)
        // A registry that keeps them apart is asked for each.
        #expect(try AvroSchema(parsing: client.wholeText(of: line), source: "line").identity == stored.identity)
        #expect(registry.requests.last == "GET /subjects/money/versions/1")
        var circle = line
        circle.references = [.init(name: "m.Money", subject: "none", version: 1)]
        #expect(code { _ = try client.wholeText(of: circle) } == 40401)
    }

    // MARK: Trouble

    @Test(arguments: [
        (500, #"{"error_code": 50003, "message": "no leader"}"#), (503, "busy"), (429, "{}"), (404, "<html>"),
        (404, #"{"error_code": 404, "message": "HTTP 404 Not Found"}"#), (200, "<html>"), (302, "moved"),
        (200, #"{"no": "schema"}"#),
    ])
    func whatSaysNothingAboutTheQuestionIsNoAnswer(_ status: Int, _ text: String) throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        registry.answer(with: plain(status, text))
        let client = try registry.client()
        do {
            _ = try client.schema(id: 3)
            Issue.record("there was an answer")
        } catch {
            #expect(error.kind == .unavailable, "\(error)")
            #expect("\(error)".contains(registry.url), "\(error)")
        }
    }

    @Test func anotherInstanceIsAskedAtOnce() throws {
        let (ill, well) = (try TestRegistry(), try TestRegistry())
        defer { withExtendedLifetime((ill, well)) {} }
        ill.answer(with: plain(500, #"{"error_code": 50003, "message": "no leader"}"#))
        let client = RegistryClient(try RegistrySettings(urls: "http://127.0.0.1:1,\(ill.url),\(well.url)/"))
        #expect(try client.schema(id: 3).text == TestRegistry.usage)
        #expect(ill.requests.count == 1)
        // And the one that answered is asked first from then on.
        #expect(try client.schema(id: 3).text == TestRegistry.usage)
        #expect(ill.requests.count == 1 && well.requests.count == 2)
        #expect(code { _ = try client.schema(id: 99) } == 40403)
        #expect(ill.requests.count == 1, "a clear answer needs no second opinion")
    }

    @Test func whoIsNotLetInIsToldSo() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        registry.answer { request in
            let given = request.headers["authorization"] ?? "none"
            let isLetIn = ["Basic \(Data("eve:s3cret:x".utf8).base64EncodedString())", "Bearer t0ken"].contains(given)
            return isLetIn
                ? HTTPResponse(status: 200, type: "application/json", text: #"{"schema": "\"int\""}"#)
                : HTTPResponse(
                    status: 401, type: "application/json", text: #"{"error_code": 40101, "message": "who?"}"#)
        }
        for (credentials, isLetIn) in [
            (RegistrySettings.Credentials.none, false), (.basic(user: "eve", password: "s3cret:x"), true),
            (.basic(user: "eve", password: "other"), false), (.bearer("t0ken"), true), (.bearer("other"), false),
        ] {
            let client = try registry.client { $0.credentials = credentials }
            if isLetIn {
                #expect(try client.schema(id: 1).text == #""int""#)
            } else {
                #expect { try client.schema(id: 1) } throws: { ($0 as? RegistryError)?.kind == .refused }
            }
        }
    }

    @Test func anAnswerThatNeverEndsIsCutOff() throws {
        let registry = try TestRegistry()
        defer { withExtendedLifetime(registry) {} }
        registry.answer { _ in
            HTTPResponse(
                status: 200,
                body: .stream { writer in
                    while true { try await writer.write([UInt8](repeating: 32, count: 1 << 20)) }
                })
        }
        #expect { try registry.client().schema(id: 3) } throws: { "\($0)".contains("longer than") }
        registry.answer { _ in
            HTTPResponse(
                status: 200,
                body: .stream { writer in
                    while true {
                        try await writer.write(" ")
                        // The slow server that is tested, until the client gives up.
                        try await Task.sleep(for: .milliseconds(50))
                    }
                })
        }
        #expect { try registry.client { $0.timeout = 300 }.schema(id: 3) } throws: { "\($0)".contains("imeout") }
    }

    @Test(arguments: [
        "", "localhost:8081", "ftp://x", "http://", "http://u:p@host", "http://a,", "http://a/?x=1", "http://a b",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect { try RegistrySettings(urls: text) } throws: { ($0 as? WeirError)?.status == .usage }
    }
}
