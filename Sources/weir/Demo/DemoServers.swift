// The demo's broker and database: its own throw-away ones, or fresh topics and a fresh database on the user's.

import Foundation
import WeirCore
import WeirKafka
import WeirPostgres

/// Lives as long as the demo; `stop`, or its end, leaves no server, database or folder behind.
final class DemoServers {
    let brokers: String
    let connection: String
    /// In words, for the screen.
    let brokerWords: String
    let databaseWords: String
    /// Ends the names of the demo's topics and topology on a broker that is not its own; empty otherwise.
    let suffix: String

    /// For the demo's own files.
    let folder: String

    private var isStopped = false
    private let cluster: MockCluster?
    private let postgres: ThrowawayPostgres?
    private let borrowed: (connection: String, database: String)?

    init(brokers given: String?, postgres server: String?) throws {
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        folder = NSTemporaryDirectory() + "weir-demo-\(run)"
        if let given {
            cluster = nil
            brokers = given
            suffix = ".demo-\(run)"
            brokerWords = "\(given) (yours; the demo's topics end in \(suffix))"
        } else {
            let cluster = try MockCluster()
            self.cluster = cluster
            brokers = cluster.bootstrapServers
            suffix = ""
            brokerWords = "\(brokers) (librdkafka's mock broker, for development only)"
        }
        if let server {
            postgres = nil
            let database = "weir_demo_\(run)"
            do {
                try PostgresConnection(server).query("CREATE DATABASE \(database)")
            } catch {
                throw WeirError(
                    .unavailable, "cannot make a database for the demo on that server: \(error)",
                    advice: "The login in WEIR_POSTGRES needs the right to create databases and roles.")
            }
            borrowed = (server, database)
            connection = ConnectionString.selecting(database: database, in: server)
            databaseWords = "database \(database) on your server"
        } else {
            let started = try ThrowawayPostgres()
            postgres = started
            borrowed = nil
            connection = started.connectionString
            databaseWords = "throw-away cluster in \(started.folder)"
        }
    }

    /// Creates a topic unless it is there, and returns its number of partitions.
    func createTopic(_ topic: String, partitions: Int) throws -> Int {
        do {
            if let cluster {
                try cluster.createTopic(topic, partitions: partitions)
                return partitions
            }
            let admin = try KafkaAdmin([("bootstrap.servers", brokers)])
            // Some brokers make a topic when they are asked about it, with a number of their own.
            if let there = try admin.partitions(of: topic) { return there }
            try admin.createTopic(topic, partitions: partitions)
            return partitions
        } catch {
            throw WeirError(
                .unavailable, "cannot create topic \(topic) on \(brokers): \(error)",
                advice: "The demo makes topics of its own there; without WEIR_BROKERS it starts its own broker.")
        }
    }

    deinit { stop() }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        try? FileManager.default.removeItem(atPath: folder)
        postgres?.stop()
        if let borrowed, let connection = try? PostgresConnection(borrowed.connection) {
            _ = try? connection.query("DROP DATABASE IF EXISTS \(borrowed.database) WITH (FORCE)")
        }
    }
}
