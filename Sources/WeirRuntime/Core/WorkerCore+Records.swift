// A record goes into its partition's open batch: metered, dropped as a repeat, or put aside with its reason.

internal import WeirAvro
internal import WeirCore
internal import WeirKafka

extension WorkerCore {
    /// Takes in the next record of a partition.
    package func take(_ record: borrowing some IncomingRecord & ~Copyable) {
        guard let state = state(of: record) else { return }
        let offset = record.offset
        guard state.phase == .running else {
            return state.phase == .asking ? wait(record, state) : takeUnexpected(record, state)
        }
        if let next = state.next, offset != next {
            // Behind: fetched before a seek, counted already.
            if offset < next { return }
            guard passes(gap: next, offset, state, record) else { return }
        }
        if !schemas.isComplete, let name = undecided(record, state.reader) {
            state.next = offset
            state.asking = name
            return wait(record, state)
        }
        state.next = offset + 1
        state.heardAt = now.monotonic
        _ = slot(of: state, nextOffset: offset)
        if state.oldestOpen == PartitionState.none { state.noteFirst(record.timestamp, at: now.wall) }
        process(record, state, again: nil)
    }

    /// A record that was put aside and comes a second time.
    struct Second {
        /// Microseconds since 1970.
        var firstSeen: Int64
        var cause: ParkCause

        /// Only one wait of each kind: the second time an unknown schema is a dead letter.
        var isOfSchema: Bool { if case .schema = cause { true } else { false } }
    }

    /// Meters the record, or puts it where it belongs. Its partition has a slot.
    @inline(__always)
    func process(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, again: Second?) {
        let size = record.payload.byteCount
        openLoad.records &+= 1
        openLoad.bytes &+= size
        state.open.records &+= 1
        state.open.bytes &+= size
        if isTracing { trace(record, state, again) }
        if let name = meter(record, state, again, named: nil) { meterAgain(record, state, again, named: name) }
    }

    /// The record's fate is decided: how late it is counts. A quota delays on purpose.
    @inline(__always)
    func decided(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ again: Second?) {
        if again?.isOfSchema ?? true { state.lane.pointee.arrivals.add(record.timestamp, part: state.slot) }
    }

    /// - Parameter named: the schema, if a header names it.
    /// - Returns: what a header names, if the payload alone is no record; nothing has been done then.
    @inline(__always)
    private func meter(
        _ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ again: Second?,
        named: WireSchema?
    ) -> WireSchema? {
        let offset = record.offset
        let lane = state.lane
        let slot = state.slot
        let payload = record.payload
        let size = payload.byteCount
        let reader = state.reader
        guard record.hasKey else {
            bury(record, state, .nullKey, "no Kafka key, which decides the partition", schemaID: nil, again)
            return nil
        }
        let key = record.key
        let now = now
        do {
            let outcome = try reader.read(payload, offset: offset, named: named) { decoded -> MeterBatch.Outcome? in
                let book = state.book
                if book.isActive {
                    // Refused before its quota is used: a record may name an organisation that it does not come from.
                    if let rejection = MeterBatch.validate(decoded, reader.plan, key, now.wall) {
                        return .rejected(rejection)
                    }
                    let organisation = decoded.text(reader.plan.organisation)
                    if let again {
                        // What waited for its quota is paid for.
                        if again.isOfSchema { book.charge(organisation, bytes: size, now: now.monotonic) }
                    } else if !book.admits(organisation, bytes: size, now: now.monotonic) {
                        return nil
                    }
                }
                let outcome = lane.pointee.withProgress(slot) { progress, meters in
                    meters.apply(
                        decoded, plan: reader.plan, slot: slot, messageKey: key, now: now.wall,
                        bucket: state.buckets.tag(at: now.wall), seen: &state.seen, known: knownMembers,
                        progress: &progress)
                }
                if case .counted = outcome, again?.isOfSchema ?? true {
                    lane.pointee.happenings.add(decoded.fields[reader.plan.time].integer / 1000, part: slot)
                }
                return outcome
            }
            switch outcome {
            case nil:
                exceed(
                    record, state,
                    Array(reader.words(of: payload, named: named, [reader.plan.organisation])[0].utf8))
            case .counted(let late):
                lane.pointee.withProgress(slot) { progress, _ in
                    progress.counted &+= 1
                    if late { progress.late &+= 1 }
                    progress.reach(offset &+ 1)
                }
                decided(record, state, again)
            case .duplicate:
                lane.pointee.withProgress(slot) { progress, _ in
                    progress.duplicates &+= 1
                    progress.reach(offset &+ 1)
                }
                decided(record, state, again)
            case .conflict:
                recordConflict(record, state, reader, named)
                decided(record, state, again)
            case .rejected(let rejection):
                let organisation = reader.words(of: payload, named: named, [reader.plan.organisation])[0]
                bury(
                    record, state, rejection.reason, reader.describe(rejection), schemaID: reader.lastSchemaID,
                    organisation: organisation, again)
            }
        } catch {
            if named == nil, let name = headerName(of: record) { return name }
            if error.reason == .unknownSchema, again?.isOfSchema != true, let id = error.schemaID,
                mayWait(forSchema: id)
            {
                park(record, state, .schema(id))
            } else {
                let message = named == nil ? error.message : "\(error.message) (header \(WireSchema.header))"
                bury(record, state, error.reason, message, schemaID: error.schemaID, again)
            }
        }
        return nil
    }

    /// A record whose schema is in a header: rare, and no part of the hot path.
    @inline(never)
    private func meterAgain(
        _ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ again: Second?,
        named: WireSchema
    ) {
        _ = meter(record, state, again, named: named)
    }

    @inline(__always)
    private func state(of record: borrowing some IncomingRecord & ~Copyable) -> PartitionState? {
        let topic = record.topicIdentity
        if topic == lastTopic, topic != 0, record.partition == lastPartition { return lastState }
        let state = partitions[TopicPartition(topic: record.topic, partition: record.partition)]
        lastTopic = topic
        lastPartition = record.partition
        lastState = state
        return state
    }

    /// The partition's place in its open batch, made if it has none yet.
    @inline(__always)
    func slot(of state: PartitionState, nextOffset: Int64) -> Int {
        if state.slot >= 0 { return state.slot }
        return addSlot(of: state, nextOffset: nextOffset)
    }

    @inline(never)
    private func addSlot(of state: PartitionState, nextOffset: Int64) -> Int {
        // Before the batch's first key goes in: expiry goes by bucket tags that come round again.
        state.forgetExpired(at: now.wall)
        var lane = lanes[0]
        for other in lanes.prefix(laneCount.count) where other.pointee.parts.count < lane.pointee.parts.count {
            lane = other
        }
        state.lane = lane
        state.slot = lane.pointee.addPart(of: state, nextOffset: nextOffset, at: now.monotonic)
        return state.slot
    }

    /// A record of a partition that is not read now. A pause drops what was fetched, so none should come.
    @inline(never)
    private func takeUnexpected(_ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState) {
        guard state.isAssigned, state.phase != .stopped, !mustRejoin else { return }
        refused("a record of \(state.id) came while it was \(state.phase)")
    }

    @inline(never)
    private func bury(
        _ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ reason: DeadLetterReason,
        _ words: String, schemaID: Int32?, organisation: String = "", _ again: Second?
    ) {
        decided(record, state, again)
        state.lane.pointee.withProgress(state.slot) { progress, _ in
            progress.deadLetters += 1
            progress.reach(record.offset + 1)
        }
        state.lane.pointee.deadLetters.append(
            DeadLetter(
                source: state.id, offset: record.offset, reason: reason, message: words,
                // PostgreSQL's text holds no zero byte.
                organisation: organisation.isEmpty || organisation.utf8.contains(0) ? nil : organisation,
                schemaID: schemaID, timestamp: record.timestamp, key: record.hasKey ? record.key.copy() : nil,
                payload: record.hasPayload ? record.payload.copy() : nil, headers: record.headers,
                waitedSince: again?.firstSeen))
    }

    @inline(never)
    private func recordConflict(
        _ record: borrowing some IncomingRecord & ~Copyable, _ state: PartitionState, _ reader: RecordReader,
        _ named: WireSchema?
    ) {
        let payload = record.payload
        let words = reader.words(of: payload, named: named, [reader.plan.organisation, reader.plan.idempotencyKey])
        state.lane.pointee.withProgress(state.slot) { progress, _ in
            progress.conflicts += 1
            progress.reach(record.offset + 1)
        }
        state.lane.pointee.conflicts.append(
            Conflict(
                source: state.id, offset: record.offset, organisation: words[0], idempotencyKey: words[1],
                payload: payload.copy()))
    }
}
