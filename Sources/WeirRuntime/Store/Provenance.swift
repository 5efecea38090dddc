// Reads billing.usage.other_sources: the partitions that fed a window before the topic was repartitioned.

internal import Foundation
package import WeirKafka

package enum Provenance {
    /// `{"topic/partition": [first, last]}`; entries of another form are left out.
    package static func parse(_ text: String) -> [(source: TopicPartition, first: Int64, last: Int64)] {
        guard let sources = try? JSONDecoder().decode([String: [Int64]].self, from: Data(text.utf8)) else { return [] }
        return sources.keys.sorted().compactMap { name in
            guard let slash = name.lastIndex(of: "/"), let partition = Int32(name[name.index(after: slash)...]),
                let offsets = sources[name], offsets.count == 2
            else { return nil }
            return (TopicPartition(topic: String(name[..<slash]), partition: partition), offsets[0], offsets[1])
        }
    }
}
