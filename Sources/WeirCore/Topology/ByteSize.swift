// Numbers of bytes and their written form.

/// A number of bytes. Written with a unit: `512B`, `64KiB`, `1MiB`, `2GiB`.
public struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let bytes: Int

    public init(bytes: Int) { self.bytes = bytes }

    public static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }

    private static let units: [(suffix: String, bytes: Int)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    package static var suffixes: [String] { units.map(\.suffix) }

    /// Nil unless `text` is a whole non-negative number followed by one of `B KiB MiB GiB`, in range.
    public init?(parsing text: String) {
        let digits = text.prefix(while: { $0.isASCII && $0.isNumber })
        let suffix = text[digits.endIndex...]
        guard let number = Int(digits), let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow else { return nil }
        bytes = product
    }

    public var description: String {
        let unit = Self.units.last(where: { bytes % $0.bytes == 0 }) ?? Self.units[0]
        return bytes == 0 ? "0B" : "\(bytes / unit.bytes)\(unit.suffix)"
    }
}
