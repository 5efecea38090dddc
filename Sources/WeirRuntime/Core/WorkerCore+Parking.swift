// Records that wait: put aside in the batch, fetched again when their time has come.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka

extension WorkerCore {
    /// Rows that are read at once, at the most.
    static let mostAsked = 256
    /// Microseconds between looks at what waits.
    static let parkingInterval: Int64 = 20_000
    /// Microseconds before records that came back are read again, if a schema of them had to be asked for.
    private static let askingInterval: Int64 = 500_000
    /// Of a row for an unknown schema id.
    private static let schemaRow = QuotaBook.RowLimit(records: 1000, bytes: 1 << 20)

    // MARK: Putting aside

    /// A record that is over its organisation's quota.
    @inline(never)
    func exceed(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ organisation: [UInt8]) {
        if topology.quotas?.over == .divert {
            state.lane.pointee.withProgress(state.slot) { progress, _ in
                progress.diverted += 1
                progress.reach(record.offset + 1)
            }
            state.lane.pointee.diverted.append((state.id, HeldRecord(record)))
            decided(record, state, nil)
        } else {
            park(record, state, .quota(organisation))
        }
    }

    /// Whether records of an unknown schema id are put aside.
    func mayWait(forSchema id: Int32) -> Bool {
        topology.retries.schemaDeadline > .zero
            && (schemaWaits[id] != nil || schemaWaits.count < settings.mostSchemaWaits)
    }

    @inline(never)
    func park(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ cause: ParkCause) {
        var most = Self.schemaRow
        if case .quota(let organisation) = cause {
            most = state.book.rowLimit(organisation, now: now.monotonic)
        }
        tracedIsPutAside(state)
        let opensRow = state.lane.pointee.park(HeldRecord(record), source: state.id, cause: cause, most: most)
        state.lane.pointee.withProgress(state.slot) { progress, _ in
            progress.parked += 1
            progress.reach(record.offset + 1)
        }
        switch cause {
        case .quota(let organisation):
            if opensRow { state.book.changeBacklog(organisation, by: 1, now: now.monotonic) }
        case .schema(let id):
            state.waitingForSchemas += 1
            if schemaWaits[id] == nil {
                let delay = settings.schemaRetry.delay(attempt: 0, using: &dice)
                schemaWaits[id] = SchemaWait(nextAt: now.monotonic + delay)
                say(.unknownSchema(id, state.id, offset: record.offset))
            }
            if opensRow { changeWait(forSchema: id, by: 1) }
        }
    }

    /// Rows more or fewer that wait for a schema id.
    private func changeWait(forSchema id: Int32, by rows: Int) {
        schemaWaits[id, default: SchemaWait(nextAt: now.monotonic)].rows += rows
        if schemaWaits[id]?.rows ?? 0 <= 0 { schemaWaits[id] = nil }
    }

    // MARK: Rows

    /// Rows of a partition that was taken over.
    func adopt(_ rows: [ParkedRow]) {
        for row in rows {
            guard let state = partitions[row.source], enqueue(row) else { continue }
            switch row.cause {
            case .quota(let organisation):
                state.book.changeBacklog(organisation, by: 1, now: now.monotonic)
            case .schema(let id):
                state.waitingForSchemas += row.records
                changeWait(forSchema: id, by: 1)
            }
        }
    }

    /// Rows come in the order of their ids; after a lost reply also those come that are known already.
    @discardableResult
    func enqueue(_ row: ParkedRow) -> Bool {
        guard let state = partitions[row.source], row.id > state.lastParked else { return false }
        state.lastParked = row.id
        parked[ParkedQueue.Key(source: row.source, cause: row.cause), default: ParkedQueue()].entries.append(
            ParkedQueue.Entry(row: row, heardAt: now.monotonic))
        return true
    }

    /// A partition went, and its rows with it.
    func forgetParked(of id: TopicPartition, _ book: QuotaBook) {
        for (key, queue) in parked where key.source == id {
            for entry in queue.entries.prefix(queue.asked) { settle(entry.row, book, isUsed: false) }
            switch key.cause {
            case .quota(let organisation):
                book.changeBacklog(organisation, by: -queue.entries.count, now: now.monotonic)
            case .schema(let schema): changeWait(forSchema: schema, by: -queue.entries.count)
            }
            parked[key] = nil
        }
    }

    // MARK: Fetching again

    func workOffParked() {
        guard !parked.isEmpty || !schemaWaits.isEmpty, now.monotonic - parkedLookedAt >= Self.parkingInterval,
            !isFull, !isGivingUp, !mustRejoin
        else { return }
        parkedLookedAt = now.monotonic
        var room = Room(
            rows: Self.mostAsked, records: limit.records - openLoad.records,
            bytes: topology.limits.batchBytes - openLoad.bytes)
        for queue in parked.values where queue.asked > 0 {
            for entry in queue.entries.prefix(queue.asked) { room.take(entry.row) }
        }
        let waiting = parked.filter { $0.value.asked == 0 && now.monotonic >= $0.value.retryAt }
        // The oldest first, and never in the order of a dictionary, which changes from process to process.
        for (key, queue) in waiting.sorted(by: { $0.value.entries[0].row.id < $1.value.entries[0].row.id })
        where room.isLeft {
            // Not before the group has its answer: until then a partition can go without being settled.
            guard let state = partitions[key.source], state.phase == .running, state.isAssigned else { continue }
            var rows: [ParkedRow] = []
            for entry in queue.entries {
                guard room.isLeft, isDue(entry, state) else { break }
                rows.append(entry.row)
                room.take(entry.row)
                reserve(entry.row, state)
            }
            guard !rows.isEmpty else { continue }
            parked[key]?.asked = rows.count
            emit(.unpark(rows))
        }
    }

    /// What may still be read back into the open batch. The last row may be larger than what is left.
    private struct Room {
        var rows: Int
        var records: Int
        var bytes: Int

        var isLeft: Bool { rows > 0 && records > 0 && bytes > 0 }

        mutating func take(_ row: ParkedRow) {
            rows -= 1
            records -= row.records
            bytes -= row.bytes
        }
    }

    private func isDue(_ entry: ParkedQueue.Entry, _ state: PartitionState) -> Bool {
        switch entry.row.cause {
        case .quota(let organisation): state.book.hasRoom(organisation, now: now.monotonic)
        case .schema(let id): schemas.meaning(of: .id(id)) != nil || isExpired(entry, id)
        }
    }

    /// By PostgreSQL's clock up to when the row was read, from then by the monotonic one: a time of day that jumps gives
    /// nothing up. Nor does a worker that takes over, before it was told itself that there is no such schema; and an
    /// outage, in which nobody says so, makes no dead letters.
    private func isExpired(_ entry: ParkedQueue.Entry, _ id: Int32) -> Bool {
        guard let denied = schemaWaits[id]?.deniedAsOf, denied >= entry.heardAt else { return false }
        let waited = entry.row.waited + now.monotonic - entry.heardAt
        return waited >= topology.retries.schemaDeadline.microseconds
    }

    /// When it is asked for, so that no more is asked for than the quota allows.
    private func reserve(_ row: ParkedRow, _ state: PartitionState) {
        guard case .quota(let organisation) = row.cause else { return }
        state.book.reserve(organisation, events: row.records, bytes: row.bytes, now: now.monotonic)
    }

    private func settle(_ row: ParkedRow, _ book: QuotaBook, isUsed: Bool) {
        guard case .quota(let organisation) = row.cause else { return }
        book.settle(
            organisation, events: row.records, bytes: row.bytes, isUsed: isUsed, now: now.monotonic)
    }

    /// The records of the rows that were asked for.
    package func unparked(_ rows: [ParkedRow], _ result: Result<[[HeldRecord]], StoreFailure>, at now: Moment) {
        self.now = now
        guard let first = rows.first, !mustRejoin, failure == nil else { return }
        let key = ParkedQueue.Key(source: first.source, cause: first.cause)
        guard let queue = parked[key], queue.asked == rows.count,
            queue.entries.lazy.map(\.row).starts(with: rows),
            let state = partitions[first.source]
        else { return }
        parked[key]?.asked = 0
        let mayTake = state.phase == .running && !isGivingUp
        switch result {
        case .success(let records) where mayTake && mustAsk(for: records, state):
            for row in rows { settle(row, state.book, isUsed: false) }
            parked[key]?.retryAt = now.monotonic + Self.askingInterval
        case .success(let records) where mayTake:
            parked[key]?.failures = 0
            parked[key]?.entries.removeFirst(rows.count)
            if queue.entries.count == rows.count { parked[key] = nil }
            for (row, records) in zip(rows, records) {
                settle(row, state.book, isUsed: true)
                takeBack(row, records, state)
            }
        case .success: for row in rows { settle(row, state.book, isUsed: false) }
        case .failure(let failure):
            for row in rows { settle(row, state.book, isUsed: false) }
            // No record need ever come of the partition for a commit to tell us.
            if failure.isForeign {
                say(.rowsTaken(first.source, failure.message))
                return abandon()
            }
            if failure.isPermanent {
                return fail(WeirError(.bug, "reading records of \(first.source) that wait: \(failure.message)"))
            }
            let delay = settings.retry.delay(attempt: queue.failures, using: &dice)
            parked[key]?.failures += 1
            parked[key]?.retryAt = now.monotonic + delay
            say(.unparkFailed(first.source, failure.message, retryIn: delay))
        }
    }

    private func takeBack(_ row: ParkedRow, _ records: [HeldRecord], _ state: PartitionState) {
        let slot = slot(of: state, nextOffset: state.next ?? 0)
        state.lane.pointee.unparked.append(row.id)
        state.lane.pointee.withProgress(slot) { progress, _ in progress.parked -= Int64(records.count) }
        let again = Second(firstSeen: row.parkedAt, cause: row.cause)
        switch row.cause {
        case .quota(let organisation):
            state.book.changeBacklog(organisation, by: -1, now: now.monotonic)
        case .schema(let id):
            state.waitingForSchemas -= row.records
            changeWait(forSchema: id, by: -1)
        }
        for record in records { process(record, state, again: again) }
    }
}
