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

        kill(weir.process.processIdentifier, signal)
        let outcome = weir.wait()
        #expect(outcome.status == (signal == SIGKILL ? SIGKILL : 0), "\(outcome)")
        try waitUntil("its folder is gone") {
            try FileManager.default.contentsOfDirectory(atPath: parent.path).allSatisfy { $0 == "address" }
        }
        #expect(throws: PostgresError.self) { try PostgresConnection(connection) }
    }
}
