// A dotted path from a record's root to one field.

/// `bytes`, or `device.model` into a nested record, or `dimensions.region` for an entry of a map.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    public let names: [String]

    /// - Parameter text: names joined by dots; must not be empty.
    public init(_ text: String) {
        names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    public var description: String { names.joined(separator: ".") }
}
