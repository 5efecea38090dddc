// That a throw-away server leaves nothing behind, however its process ends.

import Foundation
import Testing
import WeirPostgres

struct ThrowawayPostgresTests {
    @Test func itIsDurableReachableAndGoneAfterStop() throws {
        let server = try ThrowawayPostgres()
        let connection = try PostgresConnection(server.createDatabase("metering"))
        #expect(try connection.column("SELECT current_database()::text") == ["metering"])
        #expect(try connection.column("SHOW fsync") == ["on"])
        #expect(try connection.column("SHOW synchronous_commit") == ["on"])
        #expect(try connection.column("SHOW listen_addresses") == [""])
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.folder))
        #expect(throws: PostgresError.self) { try PostgresConnection(server.connectionString) }
        server.stop()
    }

    /// A commit of a benchmark is not to wait for a segment that a server which has run for a while would have.
    @Test func itsLogIsThereToBeWrittenAgain() throws {
        let server = try ThrowawayPostgres()
        let connection = try PostgresConnection(server.connectionString)
        let ahead = """
            SELECT count(*)::text FROM pg_ls_waldir()
            WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_lsn())
            """
        #expect(try connection.column(ahead) == ["0"])
        try server.recycleLog(segments: 8)
        let segments = try #require(Int(connection.column(ahead)[0]))
        #expect(segments >= 7)
    }

    /// Somebody kills the server, or the machine runs out of memory: the command goes with it, and says so.
    @Test func aServerThatDiesIsTold() throws {
        let scratch = try ScratchFolder()
        let address = scratch.path + "/address"
        let weir = try WeirProcess("postgres", "--connection-file", address)
        try waitUntil("it takes connections") { FileManager.default.fileExists(atPath: address) }
        let connection = try String(contentsOfFile: address, encoding: .utf8).trimmingCharacters(in: .newlines)
        let data = try PostgresConnection(connection).column("SHOW data_directory")[0]
        let text = try String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
        kill(try #require(text.split(separator: "\n").first.flatMap { Int32($0) }), SIGKILL)
        let outcome = try weir.wait(seconds: 60)
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.errors.hasPrefix("weir: PostgreSQL has ended by itself"), "\(outcome)")
        #expect(outcome.errors.contains("Killed\n"), "\(outcome)")
        #expect(outcome.errors.split(separator: "\n").count <= 7, "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: data))
        #expect(!FileManager.default.fileExists(atPath: address))
    }

    /// libpq's words have line breaks and tabs, which would be spelt out wherever they are shown.
    @Test func anErrorIsOneLine() {
        #expect {
            try PostgresConnection("host=/nonexistent")
        } throws: {
            let words = ($0 as? PostgresError)?.message ?? ""
            return words.contains("failed: No such file or directory Is the server running locally")
                && !words.contains(/[\t\n]/)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGKILL])
    func itEndsWithItsProcess(_ signal: Int32) throws {
        let name = "weir-test-\(UInt32.random(in: 0...UInt32.max))"
        let parent = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        // A server that runs as another user has to get through.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: parent.path)
        defer { try? FileManager.default.removeItem(at: parent) }
        let address = parent.appending(path: "address")
        let weir = try WeirProcess("postgres", "--folder", parent.path, "--connection-file", address.path)
        try waitUntil("it takes connections") { FileManager.default.fileExists(atPath: address.path) }
        let connection = try String(contentsOf: address, encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(try PostgresConnection(connection).column("SELECT current_database()::text") == ["weir"])

        weir.signal(signal)
        let outcome = try weir.wait()
        #expect(outcome.status == (signal == SIGKILL ? -SIGKILL : 0), "\(outcome)")
        try waitUntil("its folder is gone") {
            try FileManager.default.contentsOfDirectory(atPath: parent.path).allSatisfy { $0 == "address" }
        }
        #expect(throws: PostgresError.self) { try PostgresConnection(connection) }
    }
}
