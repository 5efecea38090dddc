// The headers by which Weir knows a record again that it has replayed.

package import WeirCore
package import WeirKafka

/// What a replayed record says about itself, beside the producer's own headers.
///
/// They are added when a dead letter is published again and taken out when it comes back, so that the headers that
/// are stored and published stay those of the producer however often a record goes round. Any producer can write
/// such headers: they decide nothing but labels, the count for the quarantine and which copies are one dead letter.
package struct ReplayMarks: Equatable, Sendable {
    /// How often the record was replayed, including the replay that published it.
    package var count: Int32
    /// When Weir met it first.
    package var firstSeen: Timestamp?
    /// The dead letter (its id) that was replayed.
    package var of: Int64?

    package init(count: Int32, firstSeen: Timestamp?, of id: Int64?) {
        self.count = count
        self.firstSeen = firstSeen
        of = id
    }

    private static let countName = "weir.replay.count"
    private static let firstSeenName = "weir.replay.first_seen"
    private static let ofName = "weir.replay.of"
    /// So that one more always fits.
    package static let mostCounted: Int32 = 1_000_000

    package var headers: [KafkaHeader] {
        var headers = [KafkaHeader(Self.countName, String(count))]
        if let firstSeen { headers.append(KafkaHeader(Self.firstSeenName, firstSeen.description)) }
        if let of { headers.append(KafkaHeader(Self.ofName, String(of))) }
        return headers
    }

    /// Takes the marks out of a record's headers.
    ///
    /// - Returns: nil if it bears no count, as a record straight from its producer.
    package static func take(from headers: inout [KafkaHeader]) -> ReplayMarks? {
        var values: [String: String] = [:]
        headers.removeAll { header in
            guard header.name.hasPrefix("weir.replay."), [countName, firstSeenName, ofName].contains(header.name)
            else { return false }
            values[header.name] = header.value.map { String(decoding: $0, as: UTF8.self) }
            return true
        }
        guard let count = values[countName].flatMap({ Int32($0) }), count > 0 else { return nil }
        return ReplayMarks(
            count: min(count, mostCounted),
            firstSeen: values[firstSeenName].flatMap { Timestamp(parsing: $0) },
            of: values[ofName].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil })
    }
}
