// The demo's broker and database: its own throw-away ones, or fresh topics and a fresh database on the user's.

import Foundation
import WeirCore
import WeirKafka
import WeirPostgres

/// Lives as long as the demo; `stop` leaves nothing behind.
final class DemoServers {
    let brokers: String
    let connection: String
    /// In words, for the screen.
    let brokerWords: String
    let databaseWords: String
    /// Ends the names of the demo's topics and topology on a broker that is not its own; empty otherwise.
    let suffix: String

    private let cluster: MockCluster?
    private let postgres: ThrowawayPostgres?
    private let borrowed: (connection: String, database: String)?

    init(brokers given: String?, postgres server: String?) throws {
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
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

    func createTopics(_ topics: [String], partitions: Int) throws {
        for topic in topics {
            do {
                if let cluster {
                    try cluster.createTopic(topic, partitions: partitions)
                } else {
                    try KafkaAdmin([("bootstrap.servers", brokers)]).createTopic(topic, partitions: partitions)
                }
            } catch {
                throw WeirError(.unavailable, "cannot create topic \(topic): \(error)")
            }
        }
    }

    func stop() {
        postgres?.stop()
        if let borrowed, let connection = try? PostgresConnection(borrowed.connection) {
            _ = try? connection.query("DROP DATABASE IF EXISTS \(borrowed.database) WITH (FORCE)")
        }
    }
}
