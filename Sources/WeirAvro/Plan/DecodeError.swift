// What is wrong with a body, in a form that costs nothing to throw.

/// A body that does not decode. `DecodePlan.describe` adds the field's path.
public struct DecodeError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: UInt8, Sendable, CaseIterable {
        case truncated
        case varintTooLong
        case intOutOfRange
        case negativeLength
        case badBoolean
        case badEnumIndex
        case unknownSymbol
        case badUnionIndex
        case unreadableBranch
        case badBlockCount
        case blockSizeMismatch
        case tooManyEmptyItems
        case tooDeep
        case invalidUTF8
        case timeOutOfRange
        case trailingBytes
        case bodyTooLarge
    }

    public let code: Code
    /// Byte of the body where it was noticed.
    public let offset: UInt32
    /// Step of the plan that noticed it; negative where no step did.
    public let op: Int32

    init(_ code: Code, at offset: Int, op: Int = -1) {
        self.code = code
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.op = Int32(truncatingIfNeeded: op)
    }

    public var description: String { "\(code.words) (byte \(offset) of the body)" }
}

extension DecodeError.Code {
    /// The failure in words.
    public var words: String {
        switch self {
        case .truncated: "the body ends too early"
        case .varintTooLong: "a variable-length number does not fit 64 bits"
        case .intOutOfRange: "an int does not fit 32 bits"
        case .negativeLength: "a length is negative"
        case .badBoolean: "a boolean is neither 0 nor 1"
        case .badEnumIndex: "an enum's index is out of range"
        case .unknownSymbol: "the reader's enum has no such symbol and no default"
        case .badUnionIndex: "a union's index is out of range"
        case .unreadableBranch: "the value is of a union branch that the reader cannot take"
        case .badBlockCount: "a block claims more items than the body can hold"
        case .blockSizeMismatch: "a block is not as long as it claims"
        case .tooManyEmptyItems: "more than \(DecodePlan.maximumEmptyItems) items of no size"
        case .tooDeep: "values nested deeper than \(DecodePlan.maximumDepth) levels"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .timeOutOfRange: "a time in milliseconds does not fit 64 bits as microseconds"
        case .trailingBytes: "bytes follow the end of the record"
        case .bodyTooLarge: "the body is larger than \(DecodePlan.maximumBody) bytes"
        }
    }
}
