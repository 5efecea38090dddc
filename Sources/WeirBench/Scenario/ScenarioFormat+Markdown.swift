// The reference page of scenario files: `docs/scenarios.md`.

internal import WeirCore

extension ScenarioFormat {
    /// Generated from the table of options; a test keeps the committed file equal to it.
    public static func markdown() -> String { introduction + Root.section.reference + traces }

    private static let introduction = """
        # Scenario files

        <!-- Generated from Sources/WeirBench/Scenario/ScenarioFormat.swift:
             WEIR_REGENERATE=1 swift test -c release --filter WeirBenchTests -->

        A scenario is one experiment of `weir bench` in one YAML file: what is sent and how fast, to which topology, with
        how many workers, what goes wrong meanwhile, and what it is judged by. [bench/README.md](../bench/README.md) says
        how it is measured; `bench/scenarios` has some.

        A small one, complete:

        ```yaml
        # yaml-language-server: $schema=scenario.schema.json
        scenario: small
        about: W1 at 2,000 events a second; a worker is killed after ten seconds.
        topology: bench/w1/w1.yaml
        schemas: bench/w1/schemas
        workers: 2
        duration: 30s
        rate: { shape: poisson, per_second: 2000 }
        faults:
          - { at: 10s, kind: kill, worker: 2 }
        ```

        The whole file is read before anything starts, and every mistake is reported with file, line and column: unknown
        fields, and those that belong to another shape or kind of fault, are mistakes too. Lengths of time and sizes always
        have a unit. The first line above makes editors complete and check the file as you type.

        `run`, `recover`, `soak` and `compare` use all of it. `sweep` chooses rates of its own, in the same shape, and leaves
        the faults out. `drain` sends `--events` as fast as it can and leaves out rate, times and faults, but not `patience`.
        `--rate`, `--duration`, `--warmup`, `--workers` and `--partitions` go before what the file says, within the same bounds.


        """

    private static let traces = """

        ## Traces

        With `shape: trace` events arrive at the times of a CSV file, such as those of the Azure Public Dataset:

        ```
        TIMESTAMP,ContextTokens,GeneratedTokens
        2023-11-16 18:15:46.6805900,374,44
        2023-11-16 18:15:50.9951690,396,109
        ```

        - The first line names the columns. One is `TIMESTAMP`; a scenario has no use for the others (`weir generate --trace`
          puts them into the events' fields).
        - Commas separate the cells. There are no quotes: no cell can have a comma in it. Each line has as many cells as the
          first; empty lines are skipped.
        - A time is a day, a space, hours, minutes and seconds, and a fraction if there is one. It is UTC; digits beyond
          microseconds are cut off.
        - Lines may be in any order. There must be two different times.

        The first event is due at once, each of the others as long after it as in the file, divided by `speed`. After the
        last line the file begins anew. A trace has its own rate: `per_second` is refused, as are `--rate` and `weir bench
        sweep`. What the events are like says `events`, not the file.

        """
}
