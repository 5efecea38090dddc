// weir bench lag: the lag of a consumer group that is not ours, under the load that there is.

import ArgumentParser
import WeirBench
import WeirCore
import WeirKafka

struct BenchLagCommand: BenchMode {
    static let configuration = CommandConfiguration(
        commandName: "lag", abstract: "Measure the lag of any consumer group, record by record.",
        discussion: """
            Reads the topic beside the group and asks for the group's committed offsets every 5 ms. A record's lag is the \
            time from its timestamp to the commit that covers it: in whole milliseconds, of the clock that set it, and \
            only as honest as whoever sent it. A group that commits every five seconds has five seconds in its lags, \
            however soon it does its work. `weir bench run` measures from the intended moment.

            Example:
              weir bench lag --brokers localhost:9092 --group orders --topic orders.v1 --duration 60s
            """)

    @Option(help: "The consumer group.") var group: String
    @Option(help: "The topic.") var topic: String
    @Option(help: ArgumentHelp("How long to measure.", valueName: "time")) var duration = "30s"
    @Option(help: ArgumentHelp("Time that records may take to be committed afterwards.", valueName: "time"))
    var patience = "30s"
    @Option(help: ArgumentHelp("What the p99 is to be within: 2s. Default: nothing is said of one.", valueName: "time"))
    var objective: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var kafka: KafkaOptions

    func measure() throws -> BenchReport {
        let brokers = try kafka.requiredBrokers()
        let settings = try kafka.pairs()
        let seconds = try ScenarioOptions.time(duration, "--duration", in: ScenarioLimits.duration)
        let patience = try ScenarioOptions.time(patience, "--patience", in: ScenarioLimits.patience)
        let objective = try objective.map {
            try ScenarioOptions.time($0, "--objective", in: ScenarioLimits.objective) * 1000
        }
        let partitions: Int?
        do {
            partitions = try KafkaAdmin([("bootstrap.servers", brokers)] + settings).partitions(of: topic)
        } catch {
            throw WeirError(.unavailable, "no answer from Kafka at \(brokers): \(error)", advice: "Check --brokers.")
        }
        guard let partitions else { throw WeirError(.usage, "there is no topic \(topic) at \(brokers)") }
        let target = LagProbe.Target(
            brokers: brokers, kafka: settings, group: group, topic: topic, partitions: partitions)
        var line = LiveLine(pipedEvery: 5)
        let load: LoadMeasurement
        let probe: LagProbe
        do {
            probe = try LagProbe(target, seconds: seconds, patience: patience)
            load = try probe.run { now, read, done in
                if Signals.wait(milliseconds: 0) != nil { throw WeirError(.unavailable, "stopped by a signal") }
                line.show(at: now) { _ in "\(Int(now)) of \(Int(seconds)) s  \(read) records, \(done) committed" }
            }
        } catch let error as WeirError {
            throw error
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Check --group, and that its coordinator is up.")
        }
        line.end()
        let ahead = probe.ahead
        let aheadWords =
            "\(ahead.records) records have timestamps up to \(ahead.milliseconds) ms ahead of this machine's clock: "
            + "set the clocks, or measure on the machine that sends"
        guard load.sending.scheduled > 0 || ahead.records > 0 else {
            throw WeirError(
                .usage, "no record came to \(topic) in \(Int(seconds)) s: there is no lag to measure",
                advice: "Measure while somebody sends.")
        }
        var run = RunResult(label: group, scenario: topic, load: load, objectiveP99: objective)
        if ahead.records > 0 { run.refusal = aheadWords }
        for line in BenchScreen.probeLines(run, commitInterval: probe.commitInterval) { say(line) }
        var report = BenchReport(
            title: "Lag of group \(group) in \(topic)", mode: "lag",
            command: ShownCommand.words(CommandLine.arguments),
            setup: BenchSetup.here + [
                BenchReport.Entry("broker", brokers),
                BenchReport.Entry("lag", "from the record's timestamp, in whole ms, to the group's committed offset"),
            ],
            scenarios: [])
        report.runs = [run]
        report.verdict = [
            objective == nil && run.refusal == nil
                ? "\(group): p99 is \(BenchScreen.time(load.durable.p99))." : BenchVerdict.objective(run)
        ]
        return report
    }
}
