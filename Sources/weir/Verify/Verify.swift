// A campaign: events, workers, faults, and at the end the count of what is lost or double.

import Foundation
import Synchronization
import WeirBench
import WeirCore
import WeirKafka
import WeirPostgres
import WeirRuntime

final class Verify {
    private let settings: VerifySettings
    private let field: Field
    private let watch: Watch
    private let schedule: FaultSchedule
    private var crew: Crew?
    private var report: VerifyReport
    private var line = LiveLine(pipedEvery: 10)
    private var lastProcessed = 0
    private let began = ContinuousClock.now
    private var isKept = false

    init(_ settings: VerifySettings) throws {
        self.settings = settings
        let schedule = settings.schedule
        self.schedule = schedule
        field = try Field(settings.plan)
        watch = Watch(field: field, patience: settings.patience)
        let connection = field.database.connection
        try Journal.begin(connection)
        let server = try connection.query("SELECT current_setting('server_version')").text(0, 0)
        let kinds = FaultKind.allCases.filter { schedule.count($0) > 0 }.map { "\(schedule.count($0)) \($0.rawValue)" }
        report = VerifyReport(
            command: settings.commandLine,
            date: Timestamp(microseconds: WallClock.now() / 1_000_000 * 1_000_000).description,
            machine: .this, versions: "Weir \(weirVersion), librdkafka \(Kafka.libraryVersion), PostgreSQL \(server)",
            broker: field.servers.brokerWords, database: field.servers.databaseWords,
            setup:
                "\(settings.command.workers) workers, \(field.sourcePartitions) partitions of \(field.sources.count) "
                + "topic\(field.sources.count == 1 ? "" : "s"), \(Int(settings.command.rate)) events/s, session time-out \(settings.session)",
            seed: settings.seed)
        say("versions   \(report.versions)")
        say("machine    \(report.machine.words)")
        say("set-up     \(report.setup)")
        say("faults     \(kinds.joined(separator: ", "))")
        say("seed       \(settings.seed)")
    }

    private var elapsed: Double { (ContinuousClock.now - began) / .seconds(1) }

    func run() throws {
        do {
            let crew = try Crew(field: field, session: settings.session, count: settings.command.workers)
            self.crew = crew
            try wait("the workers to share \(field.sourcePartitions) partitions") {
                if let deserter = crew.desertions.first {
                    throw WeirError(
                        .unavailable, "\(deserter.worker) ended with \(deserter.end):\n\(deserter.lastWords)")
                }
                return crew.shareAll(since: self.began)
            }
            say("the workers have shared the partitions after \(Int(elapsed)) s\n")
            let expectation = try disturb(crew)
            let ends = try field.logEnds()
            try drain(ends)
            crew.dismiss()
            try judge(expectation, ends, crew)
        } catch {
            line.end()
            report.failure = "\(error)"
            report.seconds = elapsed
            report.desertions = crew?.desertions ?? []
            isKept = (error as? WeirError)?.status == .bug
            try writeReport()
            throw error
        }
        try writeReport()
        guard report.isExact else {
            isKept = true
            throw WeirError(
                .bug, "\(report.checks.count { !$0.holds }) of \(report.checks.count) checks are wrong: see above",
                advice: "The same seed again: \(report.command)")
        }
    }

    func stop() {
        crew?.dismiss()
        isKept = isKept || settings.command.keep
        if settings.command.deleteTopics {
            do { try field.servers.deleteTopics() } catch { complain("\(error)") }
        }
        field.stop(keeping: isKept)
        if isKept {
            say("kept: logs in \(field.servers.folder)")
            if let database = field.servers.database { say("kept: database \(database)") }
        }
        let topics = field.servers.createdTopics
        if !topics.isEmpty { say("left on the broker: \(topics.sorted().joined(separator: " "))") }
    }

    // MARK: The campaign

    private func disturb(_ crew: Crew) throws -> Expectation {
        let generator = try Generator(
            settings.generator(field.topology), topology: field.topology, schemas: field.schemas)
        let sink = try KafkaGeneratorSink(
            brokers: field.servers.brokers,
            settings: try field.servers.producerSettings + settings.command.kafka.pairs(), topics: generator.topics,
            largestRecord: generator.largestRecord)
        let start = ContinuousClock.now
        let driver = FaultDriver(
            schedule: schedule, field: field, crew: crew, watch: watch, patience: settings.patience
        ) { [self] record in
            let cells = record.cells
            line.note(
                "  #\(cells[0].padding(toLength: 4, withPad: " ", startingAt: 0)) \(cells[1])  \(cells[2])  \(cells[3]), "
                    + "at \(cells[4]) events: recovered after \(cells[5])")
        }
        defer { report.take(driver.records) }
        func acknowledged() -> Int { sink.progress.acknowledged.load(ordering: .relaxed) }
        let flow = GeneratorFlow(
            shouldPause: { [self] in acknowledged() - watch.progress.processed > field.mostUnprocessed },
            shouldStop: { driver.isOver },
            meanwhile: { [self] in
                try sink.takeReports()
                let now = (ContinuousClock.now - start) / .seconds(1)
                guard try look(now) else { return }
                try crew.tick(now)
                try driver.tick(now, acknowledged: acknowledged())
                show(now, driver, crew)
            })
        try generator.run(flow: flow) { try sink.send($0) }
        guard driver.isOver else {
            throw WeirError(.unavailable, "the events ran out before the faults: recovery takes too long here")
        }
        try sink.finish()
        line.end()
        return generator.expectation
    }

    /// True if there is something new to look at.
    private func look(_ now: Double) throws -> Bool {
        if Signals.wait(milliseconds: 0) != nil { throw WeirError(.unavailable, "stopped by a signal") }
        if let failure = field.reader.failure { throw WeirError(.bug, failure) }
        return try watch.look(now)
    }

    private func show(_ now: Double, _ driver: FaultDriver, _ crew: Crew) {
        line.show(at: now) { seconds in
            let processed = watch.progress.processed
            defer { lastProcessed = processed }
            return "\(String(format: "%5.1f", now)) s  \(processed) events  "
                + "\(Int(Double(processed - lastProcessed) / seconds))/s  \(driver.kills) of \(schedule.count(.kill)) kills, "
                + "\(driver.records.count) of \(schedule.faults.count) faults  \(crew.present.count) workers"
        }
    }

    private func wait(_ what: String, until condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(settings.patience)
        while true {
            _ = try look(elapsed)
            try crew?.tick(elapsed)
            if try condition() { return }
            guard ContinuousClock.now < deadline else {
                let logs = crew?.workers.map { "\($0.name), the end of its log:\n\($0.lastWords)" } ?? []
                throw WeirError(
                    .bug, (["waited \(Int(settings.patience)) s for \(what)"] + logs).joined(separator: "\n"))
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// Waits until everything is read, published and read back.
    private func drain(_ ends: [TopicPartition: Int64]) throws {
        // Slow is no mistake, standing still is.
        var rest = Int64.max
        while rest > 0 {
            let last = rest
            try wait("the rest of the events to be processed\(last == .max ? "" : ", \(last) of them")") {
                guard let positions = try? watch.connected().positions() else {
                    watch.forget()
                    return false
                }
                rest = ends.reduce(0) { $0 + max(0, $1.value - positions[$1.key, default: 0]) }
                return rest < last
            }
        }
        try wait("records that were put aside to be done with") { watch.progress.parked == 0 }
        try wait("the results to be published") { watch.progress.unpublished == 0 }
        var messages = -1
        var quietSince = ContinuousClock.now
        try wait("the output topics to be read to their ends") {
            if field.reader.messages != messages {
                messages = field.reader.messages
                quietSince = .now
            }
            return ContinuousClock.now - quietSince > .milliseconds(500)
        }
    }

    // MARK: The verdict

    private func judge(_ expectation: Expectation, _ ends: [TopicPartition: Int64], _ crew: Crew) throws {
        let database = try field.openDatabase()
        let results = try database.usage()
        let difference = BilledDifference(
            expected: expectation, actual: results.map(\.usage), topology: field.topology)
        var checks = try database.checks(expectation, field.topology.outputs.topic == nil ? nil : field.reader)
        checks += try PublishedCheck.checks(expectation, results, field)
        checks += try Audit(connection: database.connection, topology: field.topology)
            .checks(ends: ends, positions: try database.positions(), took: elapsed)
        checks.append(self.check(crew))

        report.seconds = elapsed
        report.events = expectation.counts.produced
        report.counts = expectation.counts
        report.lost = difference.lost
        report.double = difference.double
        report.checks = checks
        report.desertions = crew.desertions
        report.isExact = checks.allSatisfy(\.holds) && difference.lost == 0 && difference.double == 0

        say()
        for line in report.recoveryLines { say(line) }
        say()
        for check in checks { say(check.line) }
        say("\n\(report.verdict)\n")
    }

    private func check(_ crew: Crew) -> FieldCheck {
        let deserters = crew.desertions.filter { !$0.isExcused }
        let excused = crew.desertions.count - deserters.count
        let words = "none by itself" + (excused == 0 ? "" : ", but \(excused) found no database to start with")
        return FieldCheck(
            "ends of workers", deserters.isEmpty && crew.unclean.isEmpty,
            ([deserters.isEmpty ? words : "\(deserters.count) by themselves"] + crew.unclean
                + deserters.map { "\($0.worker) at \(Int($0.at)) s: \($0.end)\n\($0.lastWords.suffix(500))" })
                .joined(separator: "\n"))
    }

    private func writeReport() throws {
        guard let path = settings.command.report else { return }
        do {
            try report.write(to: path)
        } catch {
            throw WeirError(.usage, "cannot write \(path): \(error.localizedDescription)")
        }
        say("report     \(path)")
    }
}
