// Short forms of what tests ask a database.

import Testing
import WeirPostgres

extension PostgresConnection {
    /// The first column of all rows, as text.
    func column(_ sql: String) throws -> [String] {
        let rows = try query(sql)
        return (0..<rows.count).map { rows.text($0, 0) }
    }

    /// Takes a role on, and a setting of `app.org_id` (nil: none), until `RESET ROLE`.
    func become(_ role: String, organisation: String?) throws {
        try query("RESET ROLE")
        try query(organisation.map { "SET app.org_id = '\($0)'" } ?? "RESET app.org_id")
        try query("SET ROLE \(role)")
    }

    /// Expects the server to refuse a statement for want of a right.
    func expectDenied(_ sql: String, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: PostgresError.self, comment, sourceLocation: sourceLocation) { try query(sql) }
        #expect(error?.sqlState == "42501", comment, sourceLocation: sourceLocation)
    }
}
