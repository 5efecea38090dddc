// Which schemas read which, by the table of cases; levels; words.

import Testing
import WeirAvro

@Suite struct CompatibilityTests {
    @Test(arguments: CompatibilityCase.all) func theTable(of sample: CompatibilityCase) throws {
        let found = AvroSchema.incompatibilities(reader: try schema(sample.reader), writer: try schema(sample.writer))
        #expect(found.map { "\($0.kind.rawValue) \($0.path)" } == sample.problems, "\(found)")
    }

    @Test func everyKindIsInTheTable() {
        let met = Set(
            CompatibilityCase.all.flatMap(\.problems).compactMap { $0.split(separator: " ").first.map(String.init) })
        #expect(met == Set(Incompatibility.Kind.allCases.map(\.rawValue)))
        #expect(CompatibilityCase.all.count > 120)
    }

    @Test func theWordsSayWhatToDo() throws {
        let old = try schema(
            """
            {"type": "record", "name": "Usage", "fields": [
                {"name": "unit", "type": {"type": "enum", "name": "Unit", "symbols": ["BYTE", "CALL"]}},
                {"name": "at", "type": "long"}]}
            """)
        let new = try schema(
            """
            {"type": "record", "name": "Usage", "fields": [
                {"name": "unit", "type": {"type": "enum", "name": "Unit", "symbols": ["BYTE"]}},
                {"name": "at", "type": "string"}, {"name": "region", "type": "string"}]}
            """)
        #expect(
            AvroSchema.incompatibilities(reader: new, writer: old).map(\.description) == [
                "MISSING_ENUM_SYMBOLS at /fields/0/type/symbols (Usage.unit): CALL may be written; the enum that is read "
                    + "does not have it, and no default",
                "TYPE_MISMATCH at /fields/1/type (Usage.at): long is written, string is read",
                "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/2 (Usage.region): the field is read, was not written, and "
                    + "has no default",
            ])
    }

    // MARK: Levels

    /// 1 has a; 2 adds b with a default; 3 adds c without one and drops a.
    private func versions() throws -> [AvroSchema] {
        let (a, b, c) = (
            #"{"name": "a", "type": "int"}"#, #"{"name": "b", "type": "int", "default": 0}"#,
            #"{"name": "c", "type": "int"}"#
        )
        return [try record(a), try record("\(a), \(b)"), try record("\(b), \(c)")]
    }

    @Test(arguments: [
        (CompatibilityLevel.none, 0, 0), (.backward, 0, 1), (.backwardTransitive, 0, 2), (.forward, 0, 1),
        (.forwardTransitive, 0, 2), (.full, 0, 2), (.fullTransitive, 0, 4),
    ])
    func levelsCompareWithTheNewestOrAll(_ level: CompatibilityLevel, second: Int, third: Int) throws {
        let all = try versions()
        let numbered = all.enumerated().map { (version: $0.offset + 1, schema: $0.element) }
        #expect(level.violations(of: all[0], against: []).isEmpty)
        #expect(level.violations(of: all[1], against: Array(numbered[..<1])).count == second)
        #expect(level.violations(of: all[2], against: Array(numbered[..<2])).count == third)
    }

    @Test func aViolationNamesTheVersionAndTheDirection() throws {
        let all = try versions()
        let numbered = all.enumerated().map { (version: $0.offset + 1, schema: $0.element) }
        let words = CompatibilityLevel.full.violations(of: all[2], against: Array(numbered[..<2])).map(\.description)
        #expect(words.count == 2)
        #expect(
            words[0].hasPrefix("it cannot read records of version 2: READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1"))
        #expect(
            words[1].hasPrefix("version 2 cannot read its records: READER_FIELD_MISSING_DEFAULT_VALUE at /fields/0"))
    }

    /// Unions of many records against each other: the number of pairs must not explode.
    @Test func largeUnionsEnd() throws {
        func union(_ word: String) throws -> AvroSchema {
            let branches = (0..<300).map { index in
                #"{"type": "record", "name": "R\#(index)", "fields": [{"name": "\#(word)", "type": ["null", "R0"]}]}"#
            }
            return try schema("[\(branches.joined(separator: ","))]")
        }
        let found = AvroSchema.incompatibilities(reader: try union("a"), writer: try union("b"))
        #expect(found.count == 300)
    }

    // MARK: Identity

    @Test func orderAndSpellingDoNotMakeAnotherSchema() throws {
        let file = try schema(
            """
            {"type": "record", "name": "A", "namespace": "n", "doc": "d", "fields": [
                {"name": "x", "type": {"type": "string"}, "default": ""}, {"name": "y", "type": ["null", "n.A"]}]}
            """)
        let client = try schema(
            """
            {"fields":[{"default":"","type":"string","name":"x"},{"name":"y","type":["null","A"]}],"doc":"d","name":"n.A",\
            "type":"record","connect.name":"n.A"}
            """)
        #expect(file.identity == client.identity)
    }

    @Test(arguments: [
        #"{"name": "x", "type": "string", "default": "other"}"#, #"{"name": "x", "type": "string"}"#,
        #"{"name": "x", "type": "string", "default": "", "aliases": ["w"]}"#,
        #"{"name": "x", "type": "string", "default": "", "doc": "d"}"#,
        #"{"name": "x", "type": {"type": "string", "logicalType": "uuid"}, "default": ""}"#,
        #"{"name": "x", "type": "bytes", "default": ""}"#,
    ])
    func whatReadersNoticeMakesAnother(_ field: String) throws {
        #expect(try record(#"{"name": "x", "type": "string", "default": ""}"#).identity != record(field).identity)
    }
}
