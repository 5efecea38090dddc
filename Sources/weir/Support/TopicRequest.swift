// The value of `--topics`: names, each with a number of partitions if it has one.

import ArgumentParser

/// `usage,clicks:8`.
struct TopicRequest: ExpressibleByArgument {
    struct Topic {
        let name: String
        let partitions: Int?
    }

    let topics: [Topic]

    init?(argument: String) {
        var topics: [Topic] = []
        for item in argument.split(separator: ",") {
            let parts = item.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let name = parts.first, Self.isName(name) else { return nil }
            guard parts.count == 2 else {
                topics.append(Topic(name: String(name), partitions: nil))
                continue
            }
            guard let partitions = Int(parts[1]), (1...Self.mostPartitions).contains(partitions) else { return nil }
            topics.append(Topic(name: String(name), partitions: partitions))
        }
        guard !topics.isEmpty else { return nil }
        self.topics = topics
    }

    static let mostPartitions = 10_000

    /// What Kafka takes as a topic's name.
    private static func isName(_ text: Substring) -> Bool {
        (1...249).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0))
            }
    }
}
