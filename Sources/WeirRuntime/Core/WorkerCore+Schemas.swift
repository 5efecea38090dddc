// Schemas that nobody here knows: asked for once, while the records that need them wait.

package import WeirAvro
internal import WeirCore
internal import WeirKafka

/// Nobody can say what names of schemas mean.
package struct SchemaOutage: Sendable {
    /// On the monotonic clock.
    package let since: Int64
    package fileprivate(set) var attempt = 0
    fileprivate var nextAt: Int64
    fileprivate var saidAt: Int64
}

/// The law: a name that somebody who must know does not know is waited for under `retry.schema` and its deadline. While
/// nobody can be asked there is no deadline: what needs the answer stands still, everything else goes on.
extension WorkerCore {
    /// Names asked for at once, at the most.
    private static let mostNames = 64
    /// So long a name that stands for nothing is not asked for again. What is parked has its own times.
    private static let denialTime: Int64 = 10_000_000
    private static let mostDenials = 10_000

    // MARK: What is known

    /// The schema of a record, if somebody has to be asked what it is.
    @inline(__always)
    func undecided(_ record: borrowing some IncomingRecord & ~Copyable, _ reader: RecordReader) -> WireSchema? {
        guard record.hasPayload else { return nil }
        let frame = ConfluentFrame(parsing: record.payload)
        if let id = frame?.schemaID, id == reader.lastSchemaID { return nil }
        return undecided(framed: frame?.schemaID, record)
    }

    @inline(never)
    private func undecided(framed id: Int32?, _ record: borrowing some IncomingRecord & ~Copyable) -> WireSchema? {
        if let id, schemas.meaning(of: .id(id)) != nil { return nil }
        guard let name = headerName(of: record) ?? id.map({ .id($0) }), !isDecided(name) else { return nil }
        return name
    }

    private func isDecided(_ name: WireSchema) -> Bool {
        if schemas.isComplete || schemas.meaning(of: name) != nil { return true }
        if case .id(let id) = name, schemaWaits[id] != nil { return true }
        return deniedSchemas[name].map { now.monotonic - $0 < Self.denialTime } ?? false
    }

    /// What the header of newer clients says; nil without one.
    @inline(never)
    func headerName(of record: borrowing some IncomingRecord & ~Copyable) -> WireSchema? {
        record.headers.last { $0.name == WireSchema.header }?.value.flatMap { WireSchema(header: $0) }
    }

    // MARK: Waiting for the answer

    /// The record, and those behind it, until the schema of the first is known.
    @inline(never)
    func wait(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState) {
        let isNew = state.phase != .asking
        state.phase = .asking
        if !state.isPaused { state.backlog.add(HeldRecord(record)) }
        if isNew { askForSchemas() }
        if state.backlog.isFull || isNew && schemaOutage != nil { applyPressure() }
    }

    /// Partitions whose question is answered go on, in the order of their records.
    func goOnWithSchemas() {
        guard !isGivingUp else { return }
        let ready = partitions.values.filter { $0.phase == .asking && isDecided($0.asking) }
        guard !ready.isEmpty else { return }
        for state in ready.sorted(by: { $0.id < $1.id }) where !isFull {
            let records = state.backlog.records
            state.backlog = PartitionState.Backlog()
            state.phase = .running
            state.heardAt = now.monotonic
            for (index, record) in records.enumerated() {
                guard state.phase == .running, !isFull else {
                    if state.phase == .running { state.phase = .asking }
                    // Another name to ask for, or the batch is full. Behind a gap they are fetched again.
                    if state.phase == .asking, !state.isPaused {
                        for rest in records[index...] { state.backlog.add(rest) }
                    }
                    break
                }
                take(record)
            }
        }
        applyPressure()
    }

    /// Records that come back after waiting for a quota need their schemas as well: after a restart nobody knows them.
    func mustAsk(for records: [[HeldRecord]], _ state: PartitionState) -> Bool {
        guard !schemas.isComplete else { return false }
        let names = records.joined().compactMap { undecided($0, state.reader) }
        wantedSchemas.formUnion(names)
        return !names.isEmpty
    }

    // MARK: Asking

    func askForSchemas() {
        guard !isRefreshing, failure == nil, !mustRejoin, now.monotonic >= schemaOutage?.nextAt ?? .min else { return }
        var names = wantedSchemas
        for state in partitions.values where state.phase == .asking && !isDecided(state.asking) {
            names.insert(state.asking)
            for record in state.backlog.records {
                if let name = undecided(record, state.reader) { names.insert(name) }
            }
        }
        for (id, wait) in schemaWaits where wait.nextAt <= now.monotonic && schemas.meaning(of: .id(id)) == nil {
            names.insert(.id(id))
        }
        guard !names.isEmpty else { return }
        isRefreshing = true
        refreshedAt = now.monotonic
        emit(.refreshSchemas(Array(names.sorted().prefix(Self.mostNames))))
    }

    /// What became of the names that were asked for.
    package func refreshed(_ answer: SchemaAnswer, at now: Moment) {
        self.now = now
        isRefreshing = false
        if let catalog = answer.catalog {
            schemas = catalog
            for reader in readers { reader.use(catalog) }
        }
        note(outage: answer.failure)
        if deniedSchemas.count + answer.unknown.count > Self.mostDenials { deniedSchemas = [:] }
        for name in answer.unknown { deniedSchemas[name] = now.monotonic }
        wantedSchemas = wantedSchemas.filter { !isDecided($0) }
        for id in schemaWaits.keys.sorted() {
            guard var wait = schemaWaits[id], !wait.isFound else { continue }
            wait.isFound = schemas.meaning(of: .id(id)) != nil
            if wait.isFound { say(.schemaFound(id)) }
            if answer.unknown.contains(.id(id)) {
                wait.deniedAsOf = refreshedAt
            } else if answer.failure != nil {
                wait.deniedAsOf = nil
            }
            if !wait.isFound, wait.deniedAsOf == refreshedAt, wait.nextAt <= now.monotonic {
                wait.attempt += 1
                wait.nextAt = now.monotonic + settings.schemaRetry.delay(attempt: wait.attempt, using: &dice)
            }
            schemaWaits[id] = wait
        }
        goOnWithSchemas()
        applyPressure()
        askForSchemas()
    }

    private func note(outage words: String?) {
        guard let words else {
            if let outage = schemaOutage {
                schemaOutage = nil
                say(.schemasCanBeAsked(seconds: (now.monotonic - outage.since) / 1_000_000))
            }
            return
        }
        let isNew = schemaOutage == nil
        var outage = schemaOutage ?? SchemaOutage(since: now.monotonic, nextAt: 0, saidAt: .min / 2)
        let delay = settings.retry.delay(attempt: outage.attempt, using: &dice)
        outage.attempt += 1
        outage.nextAt = now.monotonic + delay
        if now.monotonic - outage.saidAt >= 60_000_000 {
            outage.saidAt = now.monotonic
            say(.schemasCannotBeAsked(words, waiting: partitionsThatAsk, retryIn: delay))
        }
        schemaOutage = outage
        if isNew { applyPressure() }
    }

    /// Partitions that stand still until somebody says what a schema is.
    package var partitionsThatAsk: Int { partitions.values.count { $0.phase == .asking } }
}
