// Why a container file could not be read or written.

/// What is wrong with a container file, and where.
public struct ContainerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, or what the bytes came from.
    public let source: String
    /// `header`, or the number of a block and of a record in it, from 0.
    public let place: String
    public let message: String

    public var description: String { "\(source): \(place): \(message)" }
}

/// The object container format (Avro 1.11, "Object Container Files").
enum ContainerFormat {
    static let magic: [UInt8] = [0x4f, 0x62, 0x6a, 0x01]
    static let syncSize = 16
    static let schemaKey = "avro.schema"
    static let codecKey = "avro.codec"
    /// Keys that begin so are the format's own.
    static let reserved = "avro."
}
