// A topology's state as metrics.

internal import WeirCore

extension MetricPage {
    /// A counter that a scrape meets for the first time counts for nothing in a rate, however high it is. So counts of a
    /// partition are told as 0 for a minute after the process first had it: every Prometheus sees them begin. Without
    /// that, a backlog that is drained right after a start would never have been late.
    static let firstTold: Int64 = 60_000_000

    /// - Parameter now: microseconds since 1970.
    public mutating func add(_ topology: TopologyStatus, at now: Int64) {
        typealias Catalogue = MetricCatalogue
        let name = [topology.name]
        let objective = topology.objective
        add(Catalogue.info, name + ["\(topology.version)", topology.group, "\(objective)"], 1)
        add(Catalogue.objectiveLine, name, Self.seconds(objective.lag.microseconds))
        add(Catalogue.objectiveShare, name, objective.share)
        add(Catalogue.objectivePeriod, name, Self.seconds(objective.over.microseconds))
        if let reports = topology.lagReports {
            add(Catalogue.lagReports, name + ["sent"], reports.sent)
            add(Catalogue.lagReports, name + ["dropped"], reports.dropped)
        }
        add(Catalogue.failed, name, topology.failure == nil ? 0 : 1)
        let workers = topology.workers
        add(Catalogue.workers, name + ["member"], workers.count { $0.isMember })
        add(Catalogue.workers, name + ["joining"], workers.count { !$0.isMember })
        func total(_ value: (WorkerSnapshot) -> Int64) -> Int64 { workers.reduce(0) { $0 + value($1) } }
        add(Catalogue.commits, name, total { $0.commits })
        add(Catalogue.commitTime, name, Self.seconds(total { $0.commitTime }))
        add(Catalogue.failedCommits, name, total { $0.failedCommits })
        add(Catalogue.windows, name, total { $0.windows })
        add(Catalogue.published, name, total { $0.published })
        add(Catalogue.stalls, name, total { Int64($0.stalls) })
        add(Catalogue.delayed, name, total { Int64($0.delayedOrganisations) })
        add(Catalogue.restoredKeys, name, total { Int64($0.restoredKeys) })
        add(Catalogue.keysToRestore, name, total { Int64($0.keysToRestore) })
        let outbox = topology.outbox
        add(Catalogue.outboxMessages, name, outbox.messages)
        add(Catalogue.outboxBytes, name, outbox.bytes)
        add(Catalogue.outboxAge, name, outbox.since.map { Self.seconds(now - $0) } ?? 0)
        if let database = topology.database { add(database, name, now) }
        for partition in topology.partitions { add(partition, name, now) }
    }

    private mutating func add(_ database: DatabaseView, _ name: [String], _ now: Int64) {
        add(MetricCatalogue.storedMessages, name, database.outboxMessages)
        add(MetricCatalogue.storedAge, name, database.outboxSince.map { Self.seconds(now - $0) } ?? 0)
        add(MetricCatalogue.databaseBytes, name, database.bytes)
        for slot in database.slots { add(MetricCatalogue.slotBytes, name + [slot.name], slot.retainedBytes) }
        add(MetricCatalogue.databaseLooked, name, Self.seconds(now - database.askedAt))
    }

    private mutating func add(_ status: PartitionStatus, _ name: [String], _ now: Int64) {
        typealias Catalogue = MetricCatalogue
        let labels = name + [status.topic, "\(status.partition)"]
        let isNew = now - status.knownSince < Self.firstTold
        let counts = isNew ? RecordCounts() : status.counts
        let lag = isNew ? LagTotals() : status.lag
        add(Catalogue.records, labels + ["counted"], counts.counted)
        add(Catalogue.records, labels + ["duplicate"], counts.duplicates)
        add(Catalogue.records, labels + ["conflict"], counts.conflicts)
        add(Catalogue.records, labels + ["dead_letter"], counts.deadLetters)
        add(Catalogue.records, labels + ["diverted"], counts.diverted)
        for reason in RecordCounts.reasons where status.counts[reason] > 0 {
            add(Catalogue.deadLetters, labels + [reason.rawValue], counts[reason])
        }
        add(Catalogue.late, labels, counts.late)
        add(Catalogue.parked, labels, counts.parked)
        add(Catalogue.recordLag, labels, lag.arrival, lag.exemplars)
        add(Catalogue.eventLag, labels, lag.event, LagExemplars())
        add(Catalogue.objectiveGood, labels, lag.tally.good)
        add(Catalogue.objectiveRecords, labels, lag.tally.total)
        add(Catalogue.unmeasured, labels, lag.unmeasured)
        if let age = status.oldestAge(at: now) { add(Catalogue.oldestAge, labels, Self.seconds(age)) }
        if let held = status.held { add(held, status, labels, now) }
    }

    private mutating func add(
        _ held: PartitionStatus.Holding, _ status: PartitionStatus, _ labels: [String], _ now: Int64
    ) {
        typealias Catalogue = MetricCatalogue
        if let lag = status.offsetLag { add(Catalogue.offsetLag, labels, lag) }
        if let committed = held.committed { add(Catalogue.committed, labels, committed) }
        if let log = status.log {
            add(Catalogue.logEnd, labels, log.end)
            add(Catalogue.looked, labels, Self.seconds(now - log.askedAt))
        }
        for phase in PartitionPhase.allCases {
            add(Catalogue.phase, labels + [phase.rawValue], phase == held.phase ? 1 : 0)
        }
        add(Catalogue.epoch, labels, held.epoch)
        add(Catalogue.waiting, labels + ["quota"], held.waiting.quota)
        add(Catalogue.waiting, labels + ["schema"], held.waiting.schema)
        if let since = held.waiting.since { add(Catalogue.waitingAge, labels, Self.seconds(now - since)) }
        add(Catalogue.keys, labels, held.keys)
    }

    /// Never negative: two clocks may differ.
    private static func seconds(_ microseconds: Int64) -> Double { Double(max(0, microseconds)) / 1_000_000 }
}
