// Why a body could not be read as a value.

/// A body that does not decode: what is wrong, at which byte, and where in the value.
public struct ValueError: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: DecodeError.Code
    /// Byte of the body where it was noticed.
    public let offset: Int
    /// Names of fields and positions of items, from the outermost value: `/lines/3/price`.
    public let path: String

    init(_ error: DecodeError, path: String) {
        code = error.code
        offset = Int(error.offset)
        self.path = path
    }

    public var description: String { "at \(path.isEmpty ? "/" : path): \(code.words) (byte \(offset) of the body)" }
}
