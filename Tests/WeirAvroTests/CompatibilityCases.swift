// Pairs of schemas and what is wrong with reading the one with the other: the cases that Avro's and Confluent's own
// suites are known for, and those of this platform.
import Testing

struct CompatibilityCase: Sendable, CustomTestStringConvertible {
    let name: String
    let reader: String
    let writer: String
    /// `KIND path`, in the order of the report.
    let problems: [String]

    init(_ name: String, reader: String, writer: String, _ problems: String...) {
        self.name = name
        self.reader = reader
        self.writer = writer
        self.problems = problems
    }

    var testDescription: String { name }

    private static func record(_ fields: String, name: String = "R", more: String = "") -> String {
        #"{"type": "record", "name": "\#(name)", \#(more) "fields": [\#(fields)]}"#
    }
    private static func field(_ name: String, _ type: String, _ more: String = "") -> String {
        #"{"name": "\#(name)", "type": \#(type)\#(more.isEmpty ? "" : ", " + more)}"#
    }
    private static func enumeration(_ symbols: String..., name: String = "E", more: String = "") -> String {
        let list = symbols.map { "\"\($0)\"" }.joined(separator: ", ")
        return #"{"type": "enum", "name": "\#(name)", \#(more) "symbols": [\#(list)]}"#
    }
    private static func fixed(_ size: Int, name: String = "F") -> String {
        #"{"type": "fixed", "name": "\#(name)", "size": \#(size)}"#
    }
    private static func decimal(_ precision: Int, _ scale: Int) -> String {
        #"{"type": "bytes", "logicalType": "decimal", "precision": \#(precision), "scale": \#(scale)}"#
    }
    private static func map(_ values: String) -> String { #"{"type": "map", "values": \#(values)}"# }
    private static func array(_ items: String) -> String { #"{"type": "array", "items": \#(items)}"# }

    private static let string = #""string""#
    private static let int = #""int""#
    private static let long = #""long""#
    private static let one = field("f1", string)

    static let all: [CompatibilityCase] = fields + names + primitives + enums + containers + unions + recursion

    static let fields: [CompatibilityCase] = [
        .init("the same record", reader: record(one), writer: record(one)),
        .init(
            "a field with a default was added", reader: record("\(one), \(field("f2", string, #""default": "foo""#))"),
            writer: record(one)),
        .init(
            "a field without a default was added", reader: record("\(one), \(field("f2", string))"),
            writer: record(one), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1"),
        .init(
            "a nullable field needs its default, too", reader: record("\(one), \(field("f2", #"["null", "string"]"#))"),
            writer: record(one), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1"),
        .init(
            "two fields were added without defaults",
            reader: record("\(field("a", int)), \(one), \(field("b", int))"), writer: record(one),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0", "READER_FIELD_MISSING_DEFAULT_VALUE /fields/2"),
        .init("a field was removed", reader: record(one), writer: record("\(one), \(field("f2", string))")),
        .init("all fields were removed", reader: record(""), writer: record(one)),
        .init(
            "fields changed places", reader: record("\(field("b", int)), \(field("a", int))"),
            writer: record("\(field("a", int)), \(field("b", int))")),
        .init(
            "a field was renamed and names the old name as alias",
            reader: record(field("f2", string, #""aliases": ["f1"]"#)), writer: record(one)),
        .init(
            "a field was renamed without alias", reader: record(field("f2", string)), writer: record(one),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0"),
        .init(
            "the writer's alias says nothing to the reader", reader: record(one),
            writer: record(field("f2", string, #""aliases": ["f1"]"#)), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0"),
        .init(
            "a written field goes to its own name, not to an alias as well",
            reader: record("\(field("a", int, #""aliases": ["b"]"#)), \(field("b", int))"),
            writer: record(field("b", int)),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0"),
        .init(
            "a field became nullable", reader: record(field("f1", #"["null", "string"]"#)), writer: record(one)),
        .init(
            "a nullable field became plain", reader: record(one), writer: record(field("f1", #"["null", "string"]"#)),
            "TYPE_MISMATCH /fields/0/type"),
        .init(
            "the type changed", reader: record(field("f1", int)), writer: record(one), "TYPE_MISMATCH /fields/0/type"),
        .init(
            "three things at once",
            reader: record("\(field("f1", int)), \(field("f2", fixed(8))), \(field("f3", int))"),
            writer: record("\(field("f1", string)), \(field("f2", fixed(16)))"), "TYPE_MISMATCH /fields/0/type",
            "FIXED_SIZE_MISMATCH /fields/1/type/size", "READER_FIELD_MISSING_DEFAULT_VALUE /fields/2"),
        .init(
            "inside a nested record",
            reader: record(field("in", record("\(one), \(field("f2", int))", name: "N"))),
            writer: record(field("in", record(one, name: "N"))),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0/type/fields/1"),
        .init(
            "a decimal's scale changed", reader: record(field("price", decimal(12, 4))),
            writer: record(field("price", decimal(12, 2))), "TYPE_MISMATCH /fields/0/type"),
        .init(
            "a decimal has more digits in front", reader: record(field("price", decimal(20, 2))),
            writer: record(field("price", decimal(12, 2)))),
    ]

    static let names: [CompatibilityCase] = [
        .init(
            "a record was renamed", reader: record(one, name: "S"), writer: record(one), "NAME_MISMATCH /name"),
        .init(
            "a record was renamed, with the alias in full",
            reader: record(one, name: "S", more: #""namespace": "x", "aliases": ["R"],"#),
            writer: record(one, more: #""namespace": "x","#)),
        .init(
            "an alias in another namespace is another name",
            reader: record(one, name: "S", more: #""namespace": "y", "aliases": ["R"],"#),
            writer: record(one, more: #""namespace": "x","#), "NAME_MISMATCH /name"),
        .init(
            "the namespace alone does not tell types apart", reader: record(one, more: #""namespace": "y","#),
            writer: record(one, more: #""namespace": "x","#)),
        .init(
            "renamed and a field without default", reader: record("\(one), \(field("f2", int))", name: "S"),
            writer: record(one), "NAME_MISMATCH /name", "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1"),
        .init(
            "an enum was renamed", reader: enumeration("A", name: "G"), writer: enumeration("A"), "NAME_MISMATCH /name"),
        .init("a fixed was renamed", reader: fixed(4, name: "G"), writer: fixed(4), "NAME_MISMATCH /name"),
        .init("a fixed of another size", reader: fixed(4), writer: fixed(8), "FIXED_SIZE_MISMATCH /size"),
        .init("a record is no enum", reader: record(one), writer: enumeration("A"), "TYPE_MISMATCH /"),
    ]

    /// All pairs of primitives: what promotes is here, everything else is a mismatch.
    static let primitives: [CompatibilityCase] = {
        let kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
        let promotions: [String: Set<String>] = [
            "int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"],
            "string": ["bytes"], "bytes": ["string"],
        ]
        return kinds.flatMap { writer in
            kinds.map { reader in
                let reads = reader == writer || promotions[writer]?.contains(reader) == true
                let name = "\(writer) read as \(reader)"
                return reads
                    ? CompatibilityCase(name, reader: "\"\(reader)\"", writer: "\"\(writer)\"")
                    : CompatibilityCase(name, reader: "\"\(reader)\"", writer: "\"\(writer)\"", "TYPE_MISMATCH /")
            }
        }
    }()

    static let enums: [CompatibilityCase] = [
        .init("a symbol was added", reader: enumeration("A", "B", "C"), writer: enumeration("A", "B")),
        .init(
            "a symbol was removed", reader: enumeration("A", "B"), writer: enumeration("A", "B", "C"),
            "MISSING_ENUM_SYMBOLS /symbols"),
        .init(
            "a symbol was removed, and there is a default",
            reader: enumeration("A", "B", more: #""default": "A","#), writer: enumeration("A", "B", "C")),
        .init(
            "the writer's default is of no use to the reader", reader: enumeration("A"),
            writer: enumeration("A", "B", more: #""default": "A","#), "MISSING_ENUM_SYMBOLS /symbols"),
        .init("symbols changed places", reader: enumeration("B", "A"), writer: enumeration("A", "B")),
        .init(
            "a field's default is not the enum's",
            reader: record(field("e", enumeration("A"), #""default": "A""#)),
            writer: record(field("e", enumeration("A", "B"))),
            "MISSING_ENUM_SYMBOLS /fields/0/type/symbols"),
        .init("an enum became a string", reader: string, writer: enumeration("A"), "TYPE_MISMATCH /"),
        .init("a string became an enum", reader: enumeration("A"), writer: string, "TYPE_MISMATCH /"),
    ]

    static let containers: [CompatibilityCase] = [
        .init("items are promoted", reader: array(long), writer: array(int)),
        .init("items are not demoted", reader: array(int), writer: array(long), "TYPE_MISMATCH /items"),
        .init("values are promoted", reader: map(long), writer: map(int)),
        .init("values of another type", reader: map(int), writer: map(string), "TYPE_MISMATCH /values"),
        .init("a map is no array", reader: array(int), writer: map(int), "TYPE_MISMATCH /"),
        .init(
            "a record in a list got a field", reader: array(record("\(one), \(field("f2", int))")),
            writer: array(record(one)), "READER_FIELD_MISSING_DEFAULT_VALUE /items/fields/1"),
        .init("items became nullable", reader: array(#"["null", "int"]"#), writer: array(int)),
    ]

    static let unions: [CompatibilityCase] = [
        .init("a branch was added", reader: #"["int", "string"]"#, writer: #"["int"]"#),
        .init(
            "a branch was removed", reader: #"["int"]"#, writer: #"["int", "string"]"#, "MISSING_UNION_BRANCH /"),
        .init("branches changed places", reader: #"["string", "int"]"#, writer: #"["int", "string"]"#),
        .init("a plain type became a branch", reader: #"["null", "int"]"#, writer: int),
        .init("a branch promotes", reader: #"["null", "double"]"#, writer: #"["null", "int", "float"]"#),
        .init("text and bytes stand for each other", reader: #"["bytes"]"#, writer: #"["string", "bytes"]"#),
        .init("one type reads all branches", reader: #""double""#, writer: #"["int", "long", "float"]"#),
        .init("one type reads some branches", reader: long, writer: #"["int", "string"]"#, "TYPE_MISMATCH /"),
        .init("an empty union was written never", reader: int, writer: "[]"),
        .init("an empty union reads nothing", reader: "[]", writer: int, "MISSING_UNION_BRANCH /"),
        .init(
            "two branches were removed", reader: #"["null"]"#, writer: #"["null", "int", "string"]"#,
            "MISSING_UNION_BRANCH /", "MISSING_UNION_BRANCH /"),
        .init(
            "the record in a nullable field got a field",
            reader: record(field("in", #"["null", \#(record("\(one), \(field("f2", int))", name: "N"))]"#)),
            writer: record(field("in", #"["null", \#(record(one, name: "N"))]"#)), "MISSING_UNION_BRANCH /fields/0/type"
        ),
        .init(
            "records in a union are told apart by name",
            reader: #"[\#(record(field("a", int), name: "A")), \#(record(field("b", int), name: "B"))]"#,
            writer: #"[\#(record(field("b", int), name: "B")), \#(record(field("a", int), name: "A"))]"#),
        .init(
            "a record of another name is no branch",
            reader: #"["null", \#(record(field("a", int), name: "A"))]"#, writer: record(field("a", int), name: "B"),
            "MISSING_UNION_BRANCH /"),
        .init(
            "unions in lists", reader: array(#"["int"]"#), writer: array(#"["int", "string"]"#),
            "MISSING_UNION_BRANCH /items"),
    ]

    static let recursion: [CompatibilityCase] = [
        .init(
            "a list that holds itself", reader: record("\(field("v", long)), \(field("next", #"["null", "R"]"#))"),
            writer: record("\(field("v", int)), \(field("next", #"["null", "R"]"#))")),
        .init(
            "a list that holds itself, with a field more",
            reader: record("\(field("v", int)), \(field("w", int)), \(field("next", #"["null", "R"]"#))"),
            writer: record("\(field("v", int)), \(field("next", #"["null", "R"]"#))"),
            "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1", "MISSING_UNION_BRANCH /fields/2/type"),
        .init(
            "a guess about a recursive type does not save another",
            reader: record(
                "\(field("u", #"["null", \#(record(field("back", #"["null", "R"]"#), name: "N"))]"#)), \(field("x", int))"
            ),
            writer: record(
                "\(field("u", #"["null", \#(record(field("back", #"["null", "R"]"#), name: "N"))]"#)), \(field("x", string))"
            ),
            "MISSING_UNION_BRANCH /fields/0/type", "TYPE_MISMATCH /fields/1/type"),
    ]
}
