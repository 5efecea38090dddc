// The status document as JSON text, there and back.

package import Foundation

extension StatusDocument {
    /// In one line, fields by their names, so that the same state is the same text.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: `Unreadable` for what is no status document, or one of a later format.
    package init(reading data: Data) throws(Unreadable) {
        struct Envelope: Decodable {
            let format: Int
        }
        let decoder = JSONDecoder()
        guard let envelope = try? decoder.decode(Envelope.self, from: data) else {
            throw Unreadable(description: "that is no status of Weir")
        }
        guard envelope.format == Self.currentFormat else {
            throw Unreadable(
                description: "its status has format \(envelope.format), and this program reads \(Self.currentFormat)")
        }
        do {
            self = try decoder.decode(Self.self, from: data)
        } catch {
            throw Unreadable(description: "its status cannot be read: \(Self.words(error))")
        }
    }

    private static func words(_ error: any Error) -> String {
        let context: DecodingError.Context
        switch error as? DecodingError {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        case nil: return "\(error)"
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return "\(path): \(context.debugDescription)"
    }
}
