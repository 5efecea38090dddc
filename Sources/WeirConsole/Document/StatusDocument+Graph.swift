// The topology as nodes and edges, with what goes along them.

internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    /// Counts are since the process started; rates are null while they are not known.
    package struct GraphPart: Codable, Equatable, Sendable {
        package let sources: [Source]
        package let meters: [Meter]
        package let table: String
        /// Rows written to the table.
        package let windows: Int64
        @OrNull package private(set) var windowsPerSecond: Double?
        /// Of the output, if there is one.
        @OrNull package private(set) var topic: String?
        package let published: Int64
        @OrNull package private(set) var publishedPerSecond: Double?

        enum CodingKeys: String, CodingKey {
            case sources, meters, table, windows, topic, published
            case windowsPerSecond = "windows_per_second"
            case publishedPerSecond = "published_per_second"
        }
    }

    package struct Source: Codable, Equatable, Sendable {
        package let topic: String
        /// All whose fate is decided.
        package let records: Int64
        package let counted: Int64
        package let duplicates: Int64
        package let conflicts: Int64
        package let deadLetters: Int64
        @OrNull package private(set) var recordsPerSecond: Double?
        @OrNull package private(set) var countedPerSecond: Double?
        @OrNull package private(set) var deadLettersPerSecond: Double?

        enum CodingKeys: String, CodingKey {
            case topic, records, counted, duplicates, conflicts
            case deadLetters = "dead_letters"
            case recordsPerSecond = "records_per_second"
            case countedPerSecond = "counted_per_second"
            case deadLettersPerSecond = "dead_letters_per_second"
        }
    }

    package struct Meter: Codable, Equatable, Sendable {
        package let name: String
        package let source: String
        package let definition: String
    }
}

extension StatusDocument.GraphPart {
    /// - Parameter rates: nil before the first look.
    init(_ status: TopologyStatus, _ rates: FlowRates?) {
        let topology = status.topology
        let counts = FlowCounts(status)
        self.init(
            sources: topology.sources.map { source in
                let counted = counts.sources[source.topic] ?? RecordCounts()
                // A source without a partition here has no rate: nothing is known, which is not 0.
                let rate = counts.sources[source.topic] == nil ? nil : rates?.sources[source.topic]
                return StatusDocument.Source(
                    topic: source.topic, records: counted.records, counted: counted.counted,
                    duplicates: counted.duplicates, conflicts: counted.conflicts, deadLetters: counted.deadLetters,
                    recordsPerSecond: rate?.records, countedPerSecond: rate?.counted,
                    deadLettersPerSecond: rate?.deadLetters)
            },
            meters: topology.meters.map { meter in
                StatusDocument.Meter(name: meter.name, source: meter.source, definition: meter.definition)
            }, table: topology.outputs.table, windows: counts.windows, windowsPerSecond: rates?.windows,
            topic: topology.outputs.topic, published: counts.published, publishedPerSecond: rates?.published)
    }

    /// Of all sources that are known; nil if none is.
    package var recordsPerSecond: Double? {
        let known = sources.compactMap(\.recordsPerSecond)
        return known.isEmpty ? nil : known.reduce(0, +)
    }
}
