// Records that wait: put aside in the batch, fetched again when their time has come.

package import WeirAvro
internal import WeirCore
internal import WeirKafka

extension WorkerCore {
    /// Rows that are read at once, at the most.
    static let mostAsked = 16
    /// Microseconds between looks at what waits.
    static let parkingInterval: Int64 = 20_000
    /// Records of a partition that wait for schemas before it is read no further: if nothing can be decoded,
    /// the log keeps it as well as PostgreSQL does.
    static let mostSchemaRecords = 10_000

    // MARK: Putting aside

    /// A record that is over its organisation's quota.
    @inline(never)
    func exceed(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ organisation: [UInt8]) {
        if topology.quotas?.over == .divert {
            open.withProgress(state.slot) { progress, _ in
                progress.diverted += 1
                progress.nextOffset = record.offset + 1
            }
            open.diverted.append((state.id, HeldRecord(record)))
        } else {
            park(record, state, .quota(organisation))
        }
    }

    @inline(never)
    func park(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ cause: ParkCause) {
        var most = 1000
        if case .quota(let organisation) = cause {
            most = books[state.source].rowRecords(organisation, now: now.monotonic)
        }
        let opensRow = open.park(HeldRecord(record), source: state.id, cause: cause, most: most)
        open.withProgress(state.slot) { progress, _ in
            progress.parked += 1
            progress.nextOffset = record.offset + 1
        }
        switch cause {
        case .quota(let organisation):
            if opensRow { books[state.source].changeBacklog(organisation, by: 1, now: now.monotonic) }
        case .schema(let id):
            state.waitingForSchemas += 1
            if schemaWaits[id] == nil {
                let delay = settings.schemaRetry.delay(attempt: 0, using: &dice)
                schemaWaits[id] = SchemaWait(nextAt: now.monotonic + delay)
                say(.unknownSchema(id, state.id, offset: record.offset))
            }
        }
    }

    // MARK: Rows

    /// Rows of a partition that was taken over.
    func adopt(_ rows: [ParkedRow]) {
        for row in rows {
            enqueue(row)
            switch row.cause {
            case .quota(let organisation):
                guard let state = partitions[row.source] else { continue }
                books[state.source].changeBacklog(organisation, by: 1, now: now.monotonic)
            case .schema(let id):
                partitions[row.source]?.waitingForSchemas += row.records
                if schemaWaits[id] == nil { schemaWaits[id] = SchemaWait(nextAt: now.monotonic) }
            }
        }
    }

    /// Rows come in the order of their ids; after a lost reply also those come that are known already.
    func enqueue(_ row: ParkedRow) {
        guard let state = partitions[row.source], row.id > state.lastParked else { return }
        state.lastParked = row.id
        parked[ParkedQueue.Key(source: row.source, cause: row.cause), default: ParkedQueue()].rows.append(row)
    }

    /// A partition went, and its rows with it.
    func forgetParked(of id: TopicPartition, source: Int) {
        for (key, queue) in parked where key.source == id {
            if case .quota(let organisation) = key.cause {
                books[source].changeBacklog(organisation, by: -queue.rows.count, now: now.monotonic)
            }
            parked[key] = nil
        }
    }

    // MARK: Fetching again

    func workOffParked() {
        guard !parked.isEmpty || !schemaWaits.isEmpty, now.monotonic - parkedLookedAt >= Self.parkingInterval,
            !isFull, revoking.isEmpty, !mustRejoin
        else { return }
        parkedLookedAt = now.monotonic
        refreshSchemas()
        var asked = parked.values.reduce(0) { $0 + ($1.isAsked ? 1 : 0) }
        for (key, queue) in parked where !queue.isAsked && asked < Self.mostAsked {
            guard let row = queue.rows.first, let state = partitions[key.source], state.phase == .running,
                isDue(row, state)
            else { continue }
            parked[key]?.isAsked = true
            asked += 1
            emit(.unpark(row))
        }
    }

    private func isDue(_ row: ParkedRow, _ state: PartitionState) -> Bool {
        switch row.cause {
        case .quota(let organisation): books[state.source].hasRoom(organisation, now: now.monotonic)
        case .schema(let id): schemas.entry(id: id) != nil || isExpired(row)
        }
    }

    private func isExpired(_ row: ParkedRow) -> Bool {
        now.wall - row.parkedAt >= topology.retries.schemaDeadline.microseconds
    }

    /// The records of a row; nil if it could not be read.
    package func unparked(_ row: ParkedRow, _ records: [HeldRecord]?, at now: Moment) {
        self.now = now
        let key = ParkedQueue.Key(source: row.source, cause: row.cause)
        guard let queue = parked[key], queue.isAsked, queue.rows.first == row, let state = partitions[row.source],
            state.phase == .running, !mustRejoin, failure == nil
        else { return }
        parked[key]?.isAsked = false
        guard let records else { return }
        let slot = slot(of: state, nextOffset: state.next ?? 0)
        parked[key]?.rows.removeFirst()
        if parked[key]?.rows.isEmpty == true { parked[key] = nil }
        open.unparked.append(row.id)
        open.withProgress(slot) { progress, _ in progress.parked -= Int64(records.count) }
        var attempt = 1
        switch row.cause {
        case .quota(let organisation):
            books[state.source].charge(organisation, events: row.records, bytes: row.bytes, now: now.monotonic)
            books[state.source].changeBacklog(organisation, by: -1, now: now.monotonic)
        case .schema(let id):
            state.waitingForSchemas -= row.records
            attempt = 1 + (schemaWaits[id]?.attempt ?? 0)
            if parked.keys.allSatisfy({ $0.cause != row.cause }) { schemaWaits[id] = nil }
        }
        let again = Second(attempt: attempt, firstSeen: row.parkedAt)
        for record in records { process(record, state, again: again) }
    }

    // MARK: Schemas

    private func refreshSchemas() {
        guard !isRefreshing,
            schemaWaits.contains(where: { schemas.entry(id: $0.key) == nil && $0.value.nextAt <= now.monotonic })
        else { return }
        isRefreshing = true
        emit(.refreshSchemas)
    }

    /// The schemas as they are now; nil if they could not be read.
    package func refreshed(_ new: SchemaFolder?, at now: Moment) {
        self.now = now
        isRefreshing = false
        if let new {
            schemas = new
            for reader in readers { reader.use(new) }
        }
        for (id, wait) in schemaWaits where wait.nextAt <= now.monotonic {
            if schemas.entry(id: id) != nil { say(.schemaFound(id)) }
            let delay = settings.schemaRetry.delay(attempt: wait.attempt + 1, using: &dice)
            schemaWaits[id] = SchemaWait(attempt: wait.attempt + 1, nextAt: now.monotonic + delay)
        }
    }
}
