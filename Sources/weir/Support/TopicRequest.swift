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
            guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return nil }
            guard parts.count == 2 else {
                topics.append(Topic(name: String(name), partitions: nil))
                continue
            }
            guard let partitions = Int(parts[1]), partitions > 0 else { return nil }
            topics.append(Topic(name: String(name), partitions: partitions))
        }
        self.topics = topics
    }
}
