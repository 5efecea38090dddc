// Broker and database of a demo, a campaign or a benchmark: throw-away ones, or fresh topics and a fresh database on the user's.

import Foundation
import WeirCore
import WeirKafka
import WeirPostgres

/// `stop`, or the value's end, leaves no server, database or folder behind; topics on the user's broker stay unless
/// `deleteTopics` is called.
final class FieldServers {
    /// `demo`, `verify` or `bench`: part of every name that is made.
    let purpose: String
    let brokers: String
    let connection: String
    /// In words, for the screen.
    let brokerWords: String
    let databaseWords: String
    /// Ends the names of topics and topology on a broker that is not our own; empty otherwise.
    let suffix: String
    /// For files.
    let folder: String
    /// Our own broker, where there is one.
    let cluster: MockCluster?
    var producerSettings: KafkaSettings { cluster == nil ? [] : MockCluster.producerSettings }
    /// Database on the user's server.
    let database: String?
    let settings: KafkaSettings

    var isOwnPostgres: Bool { postgres != nil }
    /// The process that our own PostgreSQL's others come from.
    var postmaster: Int32? {
        guard let postgres,
            let text = try? String(contentsOfFile: postgres.folder + "/data/postmaster.pid", encoding: .utf8)
        else { return nil }
        return text.split(separator: "\n").first.flatMap { Int32($0) }
    }
    private(set) var createdTopics: [String] = []
    private var isStopped = false
    private let postgres: ThrowawayPostgres?
    private let server: String?

    init(purpose: String, brokers given: String?, settings: KafkaSettings, postgres server: String?) throws {
        self.purpose = purpose
        self.settings = settings
        self.server = server
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        folder = NSTemporaryDirectory() + "weir-\(purpose)-\(run)"
        if let given {
            cluster = nil
            brokers = given
            suffix = ".\(purpose)-\(run)"
            brokerWords = "\(given) (yours; topics made there end in \(suffix))"
        } else {
            let cluster = try MockCluster()
            self.cluster = cluster
            brokers = cluster.bootstrapServers
            suffix = ""
            brokerWords = "\(brokers) (librdkafka's mock broker, for development only)"
        }
        if let server {
            postgres = nil
            let name = "weir_\(purpose)_\(run)"
            do {
                try PostgresConnection(server).query("CREATE DATABASE \(name)")
            } catch {
                throw WeirError(
                    .unavailable, "cannot make a database for weir \(purpose) on that server: \(error)",
                    advice: "The login in WEIR_POSTGRES needs the right to create databases and roles.")
            }
            database = name
            connection = ConnectionString.selecting(database: name, in: server)
            databaseWords = "database \(name) on your server"
        } else {
            let started = try ThrowawayPostgres()
            postgres = started
            database = nil
            connection = started.connectionString
            databaseWords = "throw-away cluster in \(started.folder)"
        }
    }

    func admin() throws -> KafkaAdmin { try KafkaAdmin([("bootstrap.servers", brokers)] + settings) }

    /// Creates a topic unless it is there, and returns its number of partitions.
    func createTopic(_ topic: String, partitions: Int) throws -> Int {
        do {
            if let cluster {
                try cluster.createTopic(topic, partitions: partitions)
                return partitions
            }
            let admin = try admin()
            createdTopics.append(topic)
            // Some brokers make a topic when they are asked about it, with a number of their own.
            if let there = try admin.partitions(of: topic) { return there }
            try admin.createTopic(topic, partitions: partitions)
            return partitions
        } catch {
            throw WeirError(
                .unavailable, "cannot create topic \(topic) on \(brokers): \(error)",
                advice: "weir \(purpose) makes topics of its own there; without WEIR_BROKERS it starts its own broker.")
        }
    }

    /// Deletes the topics made on the user's broker; those that could not be deleted stay in `createdTopics`, and the error
    /// says so.
    func deleteTopics() throws(WeirError) {
        guard !createdTopics.isEmpty else { return }
        let stay = "\(createdTopics.count) topics that end in \(suffix) stay on \(brokers)"
        var isMock = false
        do throws(KafkaError) {
            let admin = try KafkaAdmin([("bootstrap.servers", brokers)] + settings)
            // It never answers that request: nothing but the time-out would tell.
            isMock = admin.isMockCluster()
            while !isMock, let topic = createdTopics.last {
                try admin.deleteTopic(topic)
                createdTopics.removeLast()
            }
        } catch {
            throw WeirError(.unavailable, "\(stay), which could not be deleted: \(error)")
        }
        if isMock {
            throw WeirError(
                .unavailable,
                "\(stay) until it ends: it is librdkafka's mock broker, which deletes none; a real one does")
        }
    }

    /// Has our own PostgreSQL as one that has run for a while: 512 MB of its log are there to be written again.
    func ageDatabase() throws {
        do {
            try postgres?.recycleLog(segments: 32)
        } catch {
            throw WeirError(.unavailable, "cannot prepare the throw-away PostgreSQL: \(error)")
        }
    }

    deinit { stop() }

    /// - Parameter keeping: leave the folder, and a database on the user's server, for somebody to look at.
    func stop(keeping: Bool = false) {
        guard !isStopped else { return }
        isStopped = true
        if !keeping { try? FileManager.default.removeItem(atPath: folder) }
        postgres?.stop()
        guard !keeping, let server, let database, let connection = try? PostgresConnection(server) else { return }
        _ = try? connection.query("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
    }
}
