# The mutants: what is broken, in which file, by which substitution (perl, over the whole file), and which tests
# have to turn red. One guard each; `make mutants` runs them all.
# shellcheck shell=bash

CORE=Sources/WeirRuntime/Core
STORE=Sources/WeirRuntime/Store
SQL=deploy/postgres/migrations/0003_commit_sequence.sql

# Fencing
mutant 'epoch, sequence and offset are not compared' $SQL \
    's/AND p\.epoch = i\.epoch AND p\.sequence = i\.sequence AND p\.next_offset IS NOT DISTINCT FROM i\.from_offset//' \
    'ofTwoOwnersAtOnceOneWrites'
mutant 'a fenced batch counts as written' $CORE/CommitState.swift \
    's/case \(\.writing, \.fenced\), \(\.looking, \.fenced\): return \.fenced/case (.writing, .fenced), (.looking, .fenced): return .done/' \
    'CommitState|Simulation'
mutant 'a batch whose fate is unknown is written again unseen' $CORE/CommitState.swift \
    's/self = \.looking\n            return \.look/self = .writing\n            return .write/' \
    'Simulation'
mutant 'a batch that was not written counts as written' $STORE/Takeover.swift \
    's/if written == 0 \{ return \.pending \}/if written == 0 { return .committed }/' \
    'LostReply|connectionsCutUnderLoad'

# Idempotency keys
mutant 'a repeat counts' Sources/WeirCore/State/MeterBatch.swift \
    's/case \.repeated: return \.duplicate/case .repeated: break/' \
    'MeterBatch|Simulation'
# shellcheck disable=SC2016  # perl's, not the shell's
mutant 'keys are not read back' $STORE/Restore.swift \
    's/SeenKeys\.restore\(\$0, bucket: bucket, into: &keys\)/\$0.byteCount >= 0 \&\& bucket >= 0/' \
    'aReplayAfterARestartCountsNothing'
mutant 'a refused record is remembered' Sources/WeirCore/State/MeterBatch.swift \
    's/if let rejection = Self\.validate\(record, plan, messageKey, now\) \{ return \.rejected\(rejection\) \}/if let rejection = Self.validate(record, plan, messageKey, now) { _ = seen.insert(SeenKey(key: secret.hash(record.identity(plan.idempotencyKey, in: \&scratch)), mark: 0)); return .rejected(rejection) }\n        if case .repeated = seen.insert(SeenKey(key: secret.hash(record.identity(plan.idempotencyKey, in: \&scratch)), mark: 0)) { return .duplicate }/' \
    'MeterBatch|Rejection|Simulation'

# Continuity
mutant 'offsets that are missing are not noticed' $CORE/WorkerCore+Records.swift \
    's/guard passes\(gap: next, offset, state, record\) else \{ return \}//' \
    'Simulation'
mutant 'lost records do not stop a partition' $CORE/WorkerCore+Continuity.swift \
    's/topology\.sources\[state\.source\]\.onGap == \.continue/true/' \
    'Simulation'
mutant 'a batch begins where the last one was committed' $CORE/OpenBatch.swift \
    's/fromOffset: state\.handedOver/fromOffset: state.committed/' \
    'Simulation'

# Rebalances
mutant 'partitions are given up before their last batch is in' $CORE/WorkerCore+Assignment.swift \
    's/package var isSettling: Bool \{ isGivingUp && \(commit != nil \|\| !isEmpty\) \}/package var isSettling: Bool { false }/' \
    'Simulation'
mutant 'records that waited come back while partitions are given up' $CORE/WorkerCore+Parking.swift \
    's/state\.phase == \.running && !isGivingUp/state.phase == .running/' \
    'Simulation|ParkingTests'
mutant 'the open batch outlives the loss of its partitions' $CORE/WorkerCore.swift \
    's/for lane in lanes \{ lane\.pointee\.removeAll\(\) \}//' \
    'Simulation'
mutant 'members of a batch that is open count as stored' $CORE/WorkerCore+Records.swift \
    's/if isTracing \{ trace\(/state.lane.pointee.meters.addMembers(to: &knownMembers)\n        if isTracing { trace(/' \
    'Simulation'
mutant 'the newest batch has its turn first' $CORE/WorkerCore+Commit.swift \
    's/openedAt < oldest\?\.pointee\.openedAt \?\? \.max/openedAt > oldest?.pointee.openedAt ?? .min/' \
    'LaneTests|Simulation'
mutant 'rows that are gone are asked for again' $CORE/WorkerCore+Parking.swift \
    's/if failure\.isForeign \{/if failure.isForeign, first.records < 0 {/; s/if failure\.isPermanent \{/if failure.isPermanent, !failure.isForeign {/' \
    'Simulation|ParkingTests'

# Classes of failure
mutant 'trouble that passes ends the worker' Sources/WeirPostgres/PostgresError.swift \
    's/default: false\n        \}\n    \}/default: true\n        }\n    }/' \
    'OutageTests|connectionsCutUnderLoad'
mutant 'a dead letter is not written' $STORE/BatchWriter.swift \
    's/for letter in batch\.deadLetters \{ try sendDeadLetter\(letter, &pipeline\) \}//' \
    'PoisonTests'
mutant 'an undecodable record ends as a repeat' $CORE/WorkerCore+Records.swift \
    's/bury\(record, state, error\.reason, message, schemaID: error\.schemaID, again\)/_ = message; state.lane.pointee.withProgress(state.slot) { progress, _ in progress.duplicates += 1; progress.reach(record.offset + 1) }/' \
    'PoisonTests|Simulation'

mutant 'trouble of a broker ends the worker' Sources/WeirRuntime/Worker.swift \
    's/\} else if error\.isFatal \{/} else if !error.message.isEmpty {/' \
    'BrokerWeather'

# Bounds
mutant 'nothing is ever paused' $CORE/BackPressure.swift \
    's/if isHeld \|\| isWorkerFull \{ return true \}\n        return load\.reaches\(isPaused \? low : high\)/return false/' \
    'BackPressure|Simulation'
mutant 'a full worker reads on' $CORE/WorkerCore+Pressure.swift \
    's/guard isFull else \{ return \.records \}/guard isFull, false else { return .records }/' \
    'Simulation'

# Publishing
mutant 'a new owner does not read the outbox' $STORE/Restore.swift \
    's/let outbox = try Takeover\.storedMessages\(of: \[order\.id\], job: job, session: session\)/let outbox: [StoredMessages] = []/' \
    'killedWorkersLoseAndRepeatNothing|VerifyTests'

# The same guards under the slow tests of real faults
# shellcheck disable=SC2016  # perl's, not the shell's
mutant 'keys are not read back: rebalance storms' $STORE/Restore.swift \
    's/SeenKeys\.restore\(\$0, bucket: bucket, into: &keys\)/\$0.byteCount >= 0 \&\& bucket >= 0/' \
    'membersComeAndGo'
mutant 'nothing is ever paused: memory' $CORE/BackPressure.swift \
    's/if isHeld \|\| isWorkerFull \{ return true \}\n        return load\.reaches\(isPaused \? low : high\)/return false/' \
    'MemoryTests'
mutant 'a batch that takes too long is tried again as large: time-outs' $CORE/BatchLimit.swift \
    's/records = max\(min\(Self\.least, most\), min\(records, size\) \/ 2\)/records = most/' \
    'aBatchThatTakesTooLong'

# Schemas and registries
mutant 'a denial counts whatever came after it' $CORE/WorkerCore+Parking.swift \
    's/guard let denied = schemaWaits\[id\]\?\.deniedAsOf, denied >= entry\.heardAt else/guard schemaWaits[id] != nil else/' \
    'whatIsParkedOutlivesAnOutage|aWorkerThatTakesOverLooksBeforeItGivesUp'
mutant 'any 404 counts as no such schema' Sources/WeirRegistry/Client/RegistryError.swift \
    's/case \(404, let code\?\) where \(40401\.\.\.40499\)\.contains\(code\): self/case (404, _): self/' \
    'whatSaysNothingAboutTheQuestionIsNoAnswer'
mutant 'an unknown id is asked for each time' Sources/WeirRegistry/Client/RegistrySource.swift \
    's/if state\.denied\.holds\(name, at: \.now\) \{/if state.denied.holds(name, at: .now), names.isEmpty {/' \
    'aStormOfOneUnknownIdIsAskedAboutEverMoreSeldom'
mutant 'transitive levels compare with the newest alone' Sources/WeirAvro/Compatibility/CompatibilityLevel.swift \
    's/isTransitive \? versions\[\.\.\.\] : versions\.suffix\(1\)/versions.suffix(1)/' \
    'levelsCompareWithTheNewestOrAll'
mutant 'a body without a length has no limit' Sources/WeirHTTP/HTTPConnection.swift \
    's/if body\.count > limits\.bodyBytes \{ refuseBody\(context\) \}//' \
    'whatIsTooLargeIsRefused'
