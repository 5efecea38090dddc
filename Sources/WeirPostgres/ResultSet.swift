// The rows of one statement, in binary format, freed exactly once.

internal import CPostgres

public struct ResultSet: ~Copyable {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    public var count: Int { Int(PQntuples(result)) }

    /// What the server says it did: `COMMIT`, `ROLLBACK`, `INSERT 0 5`.
    public var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// Rows that the statement wrote, whether or not it returns them; nil if it is none that writes.
    public var written: Int? { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } }

    public func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) == 1 }

    private func raw(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, Int32(row), Int32(column)),
            count: Int(PQgetlength(result, Int32(row), Int32(column))))
    }

    private func number<Number: FixedWidthInteger>(_ row: Int, _ column: Int, as: Number.Type) -> Number {
        let bytes = raw(row, column)
        precondition(bytes.count == MemoryLayout<Number>.size, "column \(column) has another type than the code reads")
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    public func int64(_ row: Int, _ column: Int) -> Int64 { number(row, column, as: Int64.self) }
    public func int32(_ row: Int, _ column: Int) -> Int32 { number(row, column, as: Int32.self) }
    public func bool(_ row: Int, _ column: Int) -> Bool { number(row, column, as: UInt8.self) != 0 }
    public func text(_ row: Int, _ column: Int) -> String { String(decoding: raw(row, column), as: UTF8.self) }
    public func bytes(_ row: Int, _ column: Int) -> [UInt8] { Array(raw(row, column)) }

    /// The elements of a one-dimensional array, whatever their type: each one's bytes, nil for null.
    public func array(_ row: Int, _ column: Int) -> [[UInt8]?] {
        let bytes = raw(row, column)
        func word(_ at: Int) -> Int { Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))) }
        // Dimensions, whether there are nulls, the elements' type; then length and lower bound of each dimension.
        let dimensions = word(0)
        precondition(dimensions <= 1, "column \(column) is an array of arrays")
        guard dimensions == 1 else { return [] }
        var position = 20
        return (0..<word(12)).map { _ in
            let length = word(position)
            position += 4
            guard length >= 0 else { return nil }
            defer { position += length }
            return Array(bytes[position..<(position + length)])
        }
    }

    public func isText(_ row: Int, _ column: Int, equalTo text: ArraySlice<UInt8>) -> Bool {
        raw(row, column).elementsEqual(text)
    }

    public func withBytes<Result>(_ row: Int, _ column: Int, _ body: (RawSpan) -> Result) -> Result {
        body(raw(row, column).bytes)
    }

    /// Microseconds since 1970.
    public func timestamp(_ row: Int, _ column: Int) -> Int64 { int64(row, column) + PostgresType.epoch }

    /// A numeric as `value * 10^scale`; digits beyond the scale must be zero.
    public func numeric(_ row: Int, _ column: Int, scale: Int) -> Int128 {
        let bytes = raw(row, column)
        func part(_ index: Int) -> Int16 {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
        }
        let count = Int(part(0))
        let weight = Int(part(1))
        let negative = UInt16(bitPattern: part(2)) == 0x4000
        var value: Int128 = 0
        for index in 0..<count {
            // Digit number `index` counts 10000^(weight - index).
            var exponent = 4 * (weight - index) + scale
            // Signed from the start: the least of all numbers has no positive counterpart.
            var digit = Int128(part(4 + index)) * (negative ? -1 : 1)
            while exponent < 0 {
                digit /= 10
                exponent += 1
            }
            for _ in 0..<exponent { digit *= 10 }
            value += digit
        }
        return value
    }
}
