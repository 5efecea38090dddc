// The reference page of metrics: `docs/metrics.md`.

extension MetricCatalogue {
    /// Generated from the catalogue; a test keeps the committed file equal to it.
    public static func markdown() -> String {
        introduction + table(all) + groupsIntroduction + table(groups)
    }

    private static func table(_ families: [MetricFamily]) -> String {
        let rows = families.map { family in
            let labels = family.labels.map { "`\($0)`" }.joined(separator: " ")
            return "| `\(family.name)` | \(family.kind.rawValue) | \(labels) | \(family.help) |\n"
        }
        return "| name | type | labels | meaning |\n|---|---|---|---|\n" + rows.joined()
    }

    private static let groupsIntroduction = """

        ## Consumer groups

        `weir lag --exporter HOST:PORT` serves these of any groups of a cluster: [lag.md](lag.md). What is not known has no line.


        """

    private static let introduction = """
        # Metrics

        <!-- Generated from Sources/WeirObserve/Metrics/MetricCatalogue.swift:
             WEIR_REGENERATE=1 swift test -c release --filter WeirObserveTests -->

        `weir run … --console :8080` serves these at `/metrics`, as OpenMetrics to those who accept it and as Prometheus
        text to others. Units are seconds and bytes. Alerts on them: [operations.md](operations.md#alerts).

        Counters begin at 0 with the process. Those of a partition are told as 0 for the first minute after the process
        had it, so that a rate sees them begin: scrape at least once a minute. They stay when the partition goes to another
        process; what tells of its present (`weir_partition_…`, `weir_waiting_…`) is told by its holder only, but for
        the age of the oldest record: whoever let a partition go tells it until somebody has it. A process that is gone tells nothing: that is what the alerts on absence, and a look from outside, are for.

        A histogram has the same buckets everywhere and adds up: by partition, topic, topology and process.

        What libraries in the process tell through swift-metrics comes after these on the same page, under names made of
        theirs: [telemetry.md](telemetry.md#code-that-is-instrumented).


        """
}
