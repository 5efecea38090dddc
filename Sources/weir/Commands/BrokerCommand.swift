// `weir broker`: a Kafka broker for development, in a process of its own.

import ArgumentParser
import WeirCore
import WeirKafka

struct BrokerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Runs a Kafka broker for development until it is interrupted.",
        discussion: """
            Any Kafka client can connect: kcat, another Weir, a program in another language. Topics that are not \
            named come into being when first used, with 4 partitions.

            It is librdkafka's mock cluster, never for production: nothing survives the process, a partition keeps \
            only its last 5 MB or 100,000 messages, and there is no retention, compaction or read_committed.
            """
    )

    @Option(help: ArgumentHelp("Partitions of topics that name no number.", valueName: "number"))
    var partitions = 4

    @Option(
        help: ArgumentHelp(
            "Topics to create, each with a number of partitions if it shall differ.",
            valueName: "name[:partitions],…"))
    var topics: [TopicRequest] = []

    @Option(
        help: ArgumentHelp(
            "Write host:port to this file once clients can connect; removed at the end.", valueName: "file"))
    var portFile: String?

    func validate() throws {
        guard (1...TopicRequest.mostPartitions).contains(partitions) else {
            throw ValidationError("--partitions takes a number from 1 to \(TopicRequest.mostPartitions)")
        }
    }

    func run() throws {
        Signals.block()
        let cluster: MockCluster
        do {
            cluster = try MockCluster()
            for topic in topics.flatMap(\.topics) {
                try cluster.createTopic(topic.name, partitions: topic.partitions ?? partitions)
            }
        } catch {
            throw WeirError(.unavailable, "the development broker did not start: \(error)")
        }
        let ready = portFile.map { ReadyFile(path: $0) }
        try ready?.write(cluster.bootstrapServers)
        defer { ready?.remove() }
        say("Kafka broker for development at \(cluster.bootstrapServers)")
        for topic in topics.flatMap(\.topics) {
            say("  topic \(topic.name), partitions: \(topic.partitions ?? partitions)")
        }
        say(
            """

            Not for production: nothing survives this process, each partition keeps only its last 5 MB or
            100,000 messages, and there is no retention, no compaction and no read_committed.

              export WEIR_BROKERS=\(cluster.bootstrapServers)

            Ctrl-C ends it.
            """)
        _ = Signals.wait()
        // The compiler may let go of it, and so end it, after its last use.
        withExtendedLifetime(cluster) {}
    }
}
