// The reference page of topology files: `docs/topology.md`.

extension TopologyFormat {
    /// Generated from the table of options; a test keeps the committed file equal to it.
    public static func markdown() -> String {
        introduction + Root.section.reference
    }

    private static let introduction = """
        # Topology files

        <!-- Generated from Sources/WeirCore/Topology/TopologyFormat.swift:
             WEIR_REGENERATE=1 swift test -c release --filter WeirCoreTests -->

        A topology is one metering job in one YAML file. It says which topics to read, which of their
        fields mean what, what to measure, and where the results go. `weir run topologies/billing-usage.yaml`
        runs it. Names of fields are paths into the topic's Avro schema.

        A small one, complete:

        ```yaml
        # yaml-language-server: $schema=topology.schema.json
        topology: api-calls
        version: 1
        sources:
          - topic: api.calls.v1
            idempotency: { field: request_id, retention: 7d }
            time: { field: called_at, earliest: 2024-01-01 }
        meters:
          - name: api_calls
            source: api.calls.v1
            aggregate: count
            group_by: [region]
            window: 1h
        outputs:
          table: billing.usage
        ```

        Weir reads the whole file before it starts and reports every mistake it finds, each with file, line
        and column. It refuses fields it does not know. Lengths of time and sizes always have a unit. Times
        are UTC. The first line above makes editors complete and check the file as you type.

        A result is the total of its window so far, not an increment. It is written again, with a higher
        `revision`, whenever a record changes it: the newest revision counts.


        """
}
