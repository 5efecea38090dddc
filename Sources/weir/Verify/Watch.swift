// Looks at how far Weir is, ten times a second, and puts up with a database that goes away for a while.

import WeirCore
import WeirPostgres

final class Watch {
    private(set) var progress = FieldDatabase.Progress()
    private let field: Field
    private var database: FieldDatabase?
    private var nextLook = 0.0
    private var awaySince: Double?
    private let patience: Double

    init(field: Field, patience: Double) {
        self.field = field
        self.patience = patience
    }

    /// The session in use; a new one if there is none.
    func connected() throws -> FieldDatabase {
        if let database { return database }
        let new = try field.openDatabase()
        database = new
        return new
    }

    /// True if `progress` is new.
    func look(_ now: Double) throws -> Bool {
        guard now >= nextLook else { return false }
        nextLook = now + 0.1
        do {
            progress = try connected().progress()
            awaySince = nil
            return true
        } catch {
            database = nil
            let since = awaySince ?? now
            awaySince = since
            guard now - since < patience else {
                throw WeirError(.unavailable, "PostgreSQL is away for \(Int(patience)) s: \(error)")
            }
            return false
        }
    }

    func forget() { database = nil }
}
