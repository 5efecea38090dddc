// One dead letter for the console, as `weir dlq show` shows it.

import Synchronization
import WeirAvro
import WeirCore
import WeirPostgres
import WeirRuntime

/// One question at a time: while PostgreSQL does not answer, those who ask hold one of the server's threads, not all.
final class DeadLetterDesk: Sendable {
    typealias Schemas = @Sendable ([UInt8]?) -> SchemaFolder?

    private let connection: String
    /// The schemas that a payload may need.
    private let schemas: Schemas
    private let isTaken = Atomic(false)

    private static let mostPayloadBytes = 512
    private static let mostCharacters = 200_000

    init(_ connection: String, schemas: @escaping Schemas) {
        self.connection = connection
        self.schemas = schemas
    }

    func show(_ id: Int64) -> (status: Int, body: JSON) {
        guard !isTaken.exchange(true, ordering: .acquiring) else {
            return (503, Self.problem("another dead letter is being looked up; try again in a moment"))
        }
        defer { isTaken.store(false, ordering: .releasing) }
        do {
            let store = try DeadLetterStore(connection, .reading, patience: ConsoleSessions.patience)
            guard let letter = try store.letter(id) else {
                return (404, Self.problem("there is no dead letter \(id); it may have been purged"))
            }
            let decoded = DecodedPayload(letter.payload, schemas: schemas(letter.payload))
            let text = DlqView.lines(letter, decoded, bytes: Self.mostPayloadBytes).joined(separator: "\n")
            let isWhole = text.utf8.count <= Self.mostCharacters
            let shown = isWhole ? text : text.prefix(Self.mostCharacters) + "\n… `weir dlq show \(id)` shows the rest"
            return (200, .object([.init("id", JSON(id)), .init("text", .string(String(shown)))]))
        } catch {
            return (503, Self.problem((error as? WeirError)?.message ?? "\(error)"))
        }
    }

    private static func problem(_ words: String) -> JSON {
        .object([.init("problem", .string(Printable.shortened(Printable.text(words), to: 300)))])
    }
}
