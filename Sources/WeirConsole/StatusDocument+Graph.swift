// The topology as nodes and edges, with what goes along them.

internal import WeirAvro
internal import WeirCore
internal import WeirObserve

extension StatusDocument {
    /// - Parameter rates: nil while there is only one look.
    static func graph(_ status: TopologyStatus, _ rates: FlowRates?) -> JSON {
        let topology = status.topology
        let counts = FlowCounts(status)
        let sources = topology.sources.map { source -> JSON in
            let counted = counts.sources[source.topic] ?? RecordCounts()
            // A source without a partition here has no rate: nothing is known, which is not 0.
            let rate = counts.sources[source.topic] == nil ? nil : rates?.sources[source.topic]
            return .object([
                .init("topic", .string(source.topic)), .init("records", JSON(counted.records)),
                .init("counted", JSON(counted.counted)), .init("duplicates", JSON(counted.duplicates)),
                .init("conflicts", JSON(counted.conflicts)), .init("dead_letters", JSON(counted.deadLetters)),
                .init("records_per_second", JSON(rate?.records)), .init("counted_per_second", JSON(rate?.counted)),
                .init("dead_letters_per_second", JSON(rate?.deadLetters)),
            ])
        }
        let meters = topology.meters.map { meter -> JSON in
            .object([
                .init("name", .string(meter.name)), .init("source", .string(meter.source)),
                .init("definition", .string(meter.definition)),
            ])
        }
        return .object([
            .init("sources", .array(sources)), .init("meters", .array(meters)),
            .init("table", .string(topology.outputs.table)), .init("windows", JSON(counts.windows)),
            .init("windows_per_second", JSON(rates?.windows)), .init("topic", JSON(topology.outputs.topic)),
            .init("published", JSON(counts.published)), .init("published_per_second", JSON(rates?.published)),
        ])
    }
}
