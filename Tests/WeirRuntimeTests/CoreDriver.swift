// A worker's core with a table weir.parked of the test's own: every request is answered at once, or when the test says.

import Foundation
import WeirAvro
import WeirCore
import WeirKafka
import WeirObserve
import WeirRuntime

/// One topic, `sim.orgs`, with the simulator's schema as id 7.
final class CoreDriver {
    struct Row {
        var row: ParkedRow
        var records: [HeldRecord]
    }

    /// What a batch would have written.
    struct Written {
        var counted: Int64 = 0
        var parked: Int64 = 0
        var diverted: Int64 = 0
        var deadLetters: [DeadLetter] = []
        var offsets: [Int64] = []
        /// Kafka timestamps of records whose lag counts, in milliseconds; and the times that counted ones name.
        var arrivals: [Int64] = []
        var happenings: [Int64] = []
        /// Of the arrivals those of records with a trace.
        var tracedArrivals: [Int64] = []
        /// Offsets of records that are followed.
        var traced: [Int64] = []
    }

    let core: WorkerCore
    /// Partitions of each commit, in order.
    private(set) var commits: [[Int32]] = []
    private(set) var now = Moment(wall: 1_790_000_000_000_000, monotonic: 1_000_000_000)
    private(set) var total = Written()
    private(set) var table: [Row] = []
    private(set) var notices: [Notice] = []
    private(set) var assigned: [TopicPartition] = []
    /// Reads of weir.parked that were asked for and not answered.
    var unparks: [[ParkedRow]] = []
    var answersUnparks = true
    /// What becomes of whatever PostgreSQL is to write or to look at; nil if it is done.
    var storeFailure: StoreFailure?
    /// Commits have no answer.
    var isStoreSilent = false
    /// Commits have their answer when this ends.
    var holdsWrites = false {
        didSet {
            guard !holdsWrites else { return }
            let waiting = held
            held = []
            for commit in waiting { written(commit.ticket, commit.parked) }
            run()
        }
    }
    private var held: [(ticket: Int, parked: [ParkedRow])] = []
    /// Of each transaction.
    var time = TransactionTime(whole: 1000, end: 500)
    /// The partition whose keys take for ever to read back.
    var neverRestored: Int32?
    private(set) var refreshes = 0
    /// Names that were asked for, in all.
    private(set) var asked: [WireSchema] = []
    /// Questions that wait for `answerQuestions`; nil answers each at once.
    var questions: [[WireSchema]]?
    /// Nobody can be asked.
    var isRegistryAway = false
    /// The names that a registry knows, all of the fixture's schema; nil for a folder.
    let registry: SchemaCatalog?
    /// Known to the registry beside id 7.
    var registered: Set<WireSchema> = []
    private(set) var inspections: [Inspection] = []
    /// Known from the next refresh on.
    var schemas: SchemaFolder
    private var learned: SchemaCatalog?
    private var nextOffsets: [TopicPartition: Int64] = [:]
    private var sequences: [TopicPartition: Int64] = [:]
    private var epoch: Int64 = 0
    private var lastID: Int64 = 0
    /// When each row was written, on the monotonic clock: PostgreSQL's does not jump.
    private var writtenAt: [Int64: Int64] = [:]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Simulation/Fixture/schemas").path()

    /// A copy of the folder with id 8 as well, to be removed by who asked for it.
    static func folderWithTwoVersions() throws -> String {
        let copy = FileManager.default.temporaryDirectory.appending(path: "weir-schemas-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: folder, toPath: copy.path())
        let subject = copy.appending(path: "sim.usage.v1")
        try FileManager.default.copyItem(
            at: subject.appending(path: "1.avsc"), to: subject.appending(path: "2.avsc"))
        try "7: sim.usage.v1/1.avsc\n8: sim.usage.v1/2.avsc\n".write(
            to: copy.appending(path: "ids.yaml"), atomically: true, encoding: .utf8)
        return copy.path()
    }

    /// Times that partitions were paused, and where they were read on.
    private(set) var pauses = 0
    private(set) var resumedAt: [Int64] = []

    /// - Parameters:
    ///   - isRegistry: schemas have to be asked for; else they are a folder's.
    ///   - before: the process before, whose rows and offsets are left.
    init(_ policies: String, registry isRegistry: Bool = false, after before: CoreDriver? = nil) throws {
        let text = """
            topology: t
            version: 1
            sources:
              - topic: sim.orgs
                schema: sim.usage.v1
                key: org_id
                idempotency: { field: idempotency_key, retention: 64d }
                time: { field: at, earliest: 2020-01-01, ahead: 30d }
            meters:
              - { name: events, source: sim.orgs, aggregate: count, window: 1h }
            outputs:
              table: billing.usage
            \(policies)
            """
        let topology = try TopologyFile.load(text, file: "t.yaml").topology
        schemas = try SchemaFolder(path: Self.folder)
        registry = isRegistry ? SchemaCatalog(contracts: schemas, place: "the test's registry") : nil
        learned = registry
        core = WorkerCore(
            topology: topology, sources: topology.sources.map { SourcePlan(source: $0, topology: topology) },
            schemas: registry ?? SchemaCatalog(schemas), secret: Hash128(low: 1, high: 2),
            settings: WorkerSettings(topology: topology), dice: Dice(seed: 1), now: now)
        guard let before else { return }
        now = before.now
        table = before.table
        nextOffsets = before.nextOffsets
        sequences = before.sequences
        epoch = before.epoch
        lastID = before.lastID
    }

    // MARK: Schemas

    /// Answers what was asked so far, and goes on answering at once.
    func answerQuestions() {
        let waiting = questions ?? []
        questions = nil
        for names in waiting { answer(names) }
        run()
    }

    private func answer(_ names: [WireSchema]) {
        if isRegistryAway {
            return core.refreshed(SchemaAnswer(catalog: nil, unknown: [], failure: "no answer"), at: now)
        }
        guard var catalog = learned else {
            let catalog = SchemaCatalog(schemas)
            let unknown = names.filter { catalog.meaning(of: $0) == nil }
            return core.refreshed(SchemaAnswer(catalog: catalog, unknown: unknown, failure: nil), at: now)
        }
        var unknown: [WireSchema] = []
        for name in names {
            if name == .id(7) || registered.contains(name), let entry = schemas.entry(id: 7) {
                catalog.learn(name, .schema(entry))
            } else {
                unknown.append(name)
            }
        }
        learned = catalog
        core.refreshed(SchemaAnswer(catalog: catalog, unknown: unknown, failure: nil), at: now)
    }

    // MARK: The world

    func assign(_ partitions: Int32...) {
        core.assigned(partitions.map { TopicPartition(topic: "sim.orgs", partition: $0) }, at: now)
        run()
    }

    /// - Parameter settled: called when it has settled and still owns the partition.
    func revoke(_ partition: Int32, settled: () -> Void = {}) {
        core.revoke([TopicPartition(topic: "sim.orgs", partition: partition)], at: now)
        while core.isSettling { tick() }
        settled()
        core.finishRevoke()
        run()
    }

    /// The time of day is set.
    func jump(seconds: Int64) { now.wall += seconds * 1_000_000 }

    /// Lets time pass in steps of 10 ms.
    func pass(milliseconds: Int64) {
        for _ in 0..<max(1, milliseconds / 10) {
            now.wall += 10_000
            now.monotonic += 10_000
            tick()
        }
    }

    func tick() {
        core.tick(now, drained: true)
        run()
    }

    func take(
        _ key: String, organisation: String, partition: Int32 = 0, offset: Int64, schema: Int32 = 7,
        from sender: String? = nil, headers: [KafkaHeader] = []
    ) {
        core.now = now
        core.take(
            Self.record(key, organisation, partition, offset, schema, at: now.wall, from: sender, headers: headers))
        run()
    }

    /// As newer clients send it: the schema in a header, the payload without a frame.
    func takeHeadless(_ key: String, organisation: String, offset: Int64, header: [UInt8]) {
        core.now = now
        let framed = Self.record(key, organisation, 0, offset, 0, at: now.wall)
        core.take(
            HeldRecord(
                topic: framed.topic, partition: 0, offset: offset, timestamp: framed.timestamp,
                key: Array(organisation.utf8), payload: framed.payload.withUnsafeBytes { Array($0.dropFirst(5)) },
                headers: [KafkaHeader(name: WireSchema.header, value: header)]))
        run()
    }

    func answer(_ rows: [ParkedRow], failure: StoreFailure? = nil) {
        if let failure { return core.unparked(rows, .failure(failure), at: now) }
        let records = rows.compactMap { row in table.first { $0.row.id == row.id }?.records }
        if records.count == rows.count { core.unparked(rows, .success(records), at: now) }
        run()
    }

    static func record(
        _ key: String, _ organisation: String, _ partition: Int32, _ offset: Int64, _ schema: Int32, at: Int64,
        from sender: String? = nil, headers: [KafkaHeader] = []
    ) -> HeldRecord {
        func text(_ text: String) -> [UInt8] { long(Int64(text.utf8.count)) + Array(text.utf8) }
        func long(_ number: Int64) -> [UInt8] {
            var left = UInt64(bitPattern: number << 1 ^ number >> 63)
            var bytes: [UInt8] = []
            while left >= 0x80 {
                bytes.append(UInt8(left & 0x7f) | 0x80)
                left >>= 7
            }
            return bytes + [UInt8(left)]
        }
        let id = withUnsafeBytes(of: schema.bigEndian) { Array($0) }
        let payload =
            [0] + id + text("event") + text(key) + text(organisation) + text("site") + long(at) + long(1)
            + text("user") + long(0)
        return HeldRecord(
            topic: "sim.orgs", partition: partition, offset: offset, timestamp: at / 1000,
            key: Array((sender ?? organisation).utf8), payload: payload, headers: headers)
    }

    // MARK: Answers

    private func run() {
        while let command = core.nextCommand() {
            switch command {
            case .write where isStoreSilent, .look where isStoreSilent: break
            case .claim(_, let ticket) where storeFailure != nil:
                if let storeFailure { core.claimFailed(storeFailure, ticket: ticket, at: now) }
            case .write(let ticket) where storeFailure != nil, .look(let ticket) where storeFailure != nil:
                if let storeFailure { core.commitFailed(storeFailure, ticket: ticket, at: now) }
            case .look(let ticket): core.pending(ticket: ticket, at: now)
            case .claim(let ids, let ticket):
                epoch += 1
                core.claimed(
                    ids.map {
                        Claim(id: $0, epoch: epoch, nextOffset: nextOffsets[$0], sequence: sequences[$0, default: 0])
                    }, ticket: ticket, at: now)
            case .restore(let order):
                if order.id.partition == neverRestored { break }
                core.restored(
                    RestoredPartition(
                        id: order.id, epoch: order.epoch,
                        buckets: RetentionBuckets(retention: order.retention, now: now.wall),
                        keys: KeyIndex(minimumCapacity: 64), rows: 0, outbox: [],
                        parked: table.map(\.row).filter { $0.source == order.id }.map(aged)), at: now)
            case .write(let ticket): write(ticket)
            case .assign(let list): assigned += list.map(\.0)
            case .unpark(let rows): if answersUnparks { answer(rows) } else { unparks.append(rows) }
            case .refreshSchemas(let names):
                refreshes += 1
                asked += names
                if questions == nil { answer(names) } else { questions?.append(names) }
            case .pause: pauses += 1
            case .resume(let list):
                for case (_, .at(let offset)) in list { resumedAt.append(offset) }
            case .inspect(let inspection): inspections.append(inspection)
            case .say(let notice): notices.append(notice)
            default: break
            }
        }
    }

    /// As it is read back now.
    private func aged(_ row: ParkedRow) -> ParkedRow {
        ParkedRow(
            id: row.id, source: row.source, cause: row.cause, records: row.records, bytes: row.bytes,
            parkedAt: row.parkedAt, waited: now.monotonic - (writtenAt[row.id] ?? 0))
    }

    private func write(_ ticket: Int) {
        var parked: [ParkedRow] = []
        core.slot.with { batch in
            commits.append(batch.parts.map(\.id.partition))
            for part in batch.parts {
                nextOffsets[part.id] = part.progress.nextOffset
                sequences[part.id, default: 0] += 1
                total.counted += part.progress.counted
                total.parked += part.progress.parked
                total.diverted += part.progress.diverted
                total.offsets.append(part.progress.nextOffset)
            }
            total.deadLetters += batch.deadLetters
            for run in batch.arrivals.runs {
                total.arrivals += Array(repeating: run.milliseconds, count: Int(run.count))
            }
            for run in batch.happenings.runs {
                total.happenings += Array(repeating: run.milliseconds, count: Int(run.count))
            }
            total.traced += batch.traced.map(\.offset)
            total.tracedArrivals += batch.traced.compactMap(\.arrival)
            table.removeAll { batch.unparked.contains($0.row.id) }
            for parking in batch.parking {
                lastID += 1
                writtenAt[lastID] = now.monotonic
                let row = ParkedRow(
                    id: lastID, source: parking.source, cause: parking.cause, records: parking.records.count,
                    bytes: parking.bytes, parkedAt: now.wall, waited: 0)
                parked.append(row)
                table.append(Row(row: row, records: parking.records))
            }
        }
        if holdsWrites { held.append((ticket, parked)) } else { written(ticket, parked) }
    }

    private func written(_ ticket: Int, _ parked: [ParkedRow]) {
        core.written(ticket: ticket, windows: 0, outbox: [], parked: parked, time: time, at: now)
    }

    func forgetCommits() { commits = [] }
}
