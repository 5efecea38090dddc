// A writer's and a reader's schema, compiled into one pass over a record's bytes.

public import WeirCore

/// Reads the fields a topology uses out of a body, checks all of it, and copies none of it.
///
/// A plan is made once for each writer schema. Invariants: every jump and slot is in range; a
/// successful `decode` sets every slot; nothing is allocated or retained for a record.
///
/// What it makes of types: int and long stay integers, booleans become 0 and 1, timestamps become
/// microseconds. Strings, bytes and fixed values are ranges of the body, an enum's value is its
/// symbol's name among `constants`. The writer's logical type says what a value means; the reader's
/// counts where the writer has none.
public struct DecodePlan: Sendable {
    /// Records, arrays and maps inside one another at the most, the outermost included.
    public static let maximumDepth = 64
    /// Items that take no bytes (nulls, empty records) in the arrays of one body at the most. Without
    /// a bound, a body of ten bytes could ask for 2^63 of them.
    public static let maximumEmptyItems = 65_536
    /// Offsets in `FieldValue` are 32 bits.
    public static let maximumBody = Int(Int32.max)

    let ops: ContiguousArray<Op>
    let presets: ContiguousArray<FieldValue>
    let symbols: ContiguousArray<FieldValue>
    /// For each op, the path of the field it belongs to.
    let paths: [String]
    /// Bytes that `FieldValue`s with `isConstant` point into.
    public let constants: [UInt8]
    /// Requests, and so values that `decode` fills.
    public let fieldCount: Int

    /// - Parameters:
    ///   - writer: the schema the records were written with; must be of a record.
    ///   - reader: the schema that requests are written against, whose defaults and aliases apply; nil
    ///     takes the writer's.
    ///   - fields: what to read, in the order in which `decode` is to fill it in.
    public init(writer: AvroSchema, reader: AvroSchema?, fields: [FieldRequest]) throws(PlanError) {
        var compiler = PlanCompiler(writer: writer, reader: reader ?? writer)
        try compiler.compile(fields)
        ops = compiler.ops
        presets = compiler.presets
        symbols = compiler.symbols
        paths = compiler.paths
        constants = compiler.constants
        fieldCount = fields.count
    }

    /// The error in words, with the path of the field where it was noticed.
    public func describe(_ error: DecodeError) -> String {
        let op = Int(error.op)
        guard paths.indices.contains(op), !paths[op].isEmpty else { return error.description }
        return "\(paths[op]): \(error.description)"
    }
}
