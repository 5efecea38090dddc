// The size and the weather of one world, drawn from its seed.

import WeirCore
import WeirRuntime

struct Shape: Sendable {
    static let topics = ["sim.orgs", "sim.sites"]

    /// Of each topic.
    var partitions = [2, 2]
    var workers = 3
    var records = 150
    var organisations = 4
    /// Microseconds in which all is produced, and in which faults happen.
    var busy: Int64 = 15_000_000
    var isCooperative = false
    /// Even while there is work for all, no partition with records stays where it is for longer; 0: not asked.
    var longestStall: Int64 = 0

    // Input
    var repeats = 0.3
    var conflicts = 0.15
    var poison = 0.08
    /// Of an append leaving a hole behind it, as the marker of a transaction does.
    var holes = 0.0
    var longestHole = 2

    /// Of an event being the first organisation's, besides its share.
    var hot = 0.0
    /// Of a record under an id of `laterSchemas`, and under one that is made up.
    var newSchemas = 0.0
    var madeUpSchemas = 0.0
    var madeUpIDs = 3
    /// When hardly a record is good.
    var badDeployment: ClosedRange<Int64>?

    // Policies of the topology
    var quotas: Quotas?
    var breaker = BreakerPolicy(deadLetterPercent: 100)
    /// 0: unknown schemas are not waited for.
    var schemaDeadline: Int64 = 0
    /// When each of `laterSchemas` is in the folder.
    var knownAt: [Int64] = [.max, .max]
    /// Of an attempt to read it while there is trouble.
    var folderUnreadable = 0.0
    var schemaRetryFirst: Int64 = 100_000
    var schemaRetryLongest: Int64 = 1_000_000
    var mostSchemaRecords = 10_000
    var mostSchemaWaits = 100
    /// In a world without trouble: longest from a record's being written to its outcome's being committed, unless
    /// its organisation is `o0`; 0: not asked.
    var longestLag: Int64 = 0

    // Broker
    /// Of a poll after which the client passes over records, or comes back to some.
    var skips = 0.0
    var rewinds = 0.0
    var spuriousRange = 0.0
    /// Mean time between truncations of some partition's front; 0 for never.
    var truncation: Int64 = 0
    var continuesBehindGap = false

    // Mean times between troubles; 0 for never
    var rebalance: Int64 = 0
    var crash: Int64 = 0
    var stop: Int64 = 0
    var cut: Int64 = 0
    var leave: Int64 = 0
    var clockJump: Int64 = 0
    var databaseAway: Int64 = 0
    var kafkaRefuses = 0.0

    // PostgreSQL
    var latency: Int64 = 3000
    var connectionLost = 0.0
    var replyLost = 0.0
    /// Of a transaction that goes on in the server after its client has given up.
    var late = 0.0
    var timeout = 0.0
    /// Batches of more records than this run into the statement's time-out while there is trouble.
    var tooLarge = Int.max
    var permanent = 0.0
    var slowSpells: Int64 = 0
    /// Rows of keys in a page of a restore.
    var pageRows = 3

    // Times of the group
    var sessionTimeout: Int64 = 2_000_000
    var rebalanceTimeout: Int64 = 6_000_000
    var joinDelay: Int64 = 100_000

    // Limits of the core
    var batchRecords = 20
    var batchBytes = 1 << 20
    var partitionRecords: Int?
    var partitionBytes: Int?
    var longestOpen: Int64 = 200_000
    var pauseAfter: Int64 = 500_000
    var longestAnswer: Int64 = 100_000
    var settleTime: Int64 = 2_000_000
    var retryFirst: Int64 = 20_000
    var retryLongest: Int64 = 800_000
    var mostKnownMembers = 1000
    /// Of a transaction whose time is said to be its rows': partitions are dealt out to more batches then.
    var slowRows = 0.2
    /// The witness of the breaker knows single batches only.
    var split: Double { breaker.deadLetterPercent < 100 ? 0 : slowRows }
    var noticedHole: Int64 = 1000
    var longestBacklog = 1 << 20
    var publishTime: Int64 = 100_000

    init() {}

    /// - Parameter dice: of the seed; every choice of the shape comes before any of the world's.
    init(_ dice: inout Dice) {
        partitions = [dice.number(1...3), dice.number(1...3)]
        workers = dice.number(1...4)
        records = dice.number(60...220)
        organisations = dice.number(2...5)
        busy = dice.number(4_000_000...16_000_000)
        isCooperative = dice.chance(0.5)
        conflicts = dice.pick([0, 0.1, 0.3])
        poison = dice.pick([0, 0.05, 0.2])
        drawLimits(&dice)
        // Each kind of trouble in its turn alone, some together, and now and then all at once.
        let trouble = dice.pick([0, 0.2, 0.5, 1])
        if dice.chance(trouble) { drawGroup(&dice) }
        if dice.chance(trouble) { drawProcesses(&dice) }
        if dice.chance(trouble) { drawDatabase(&dice) }
        if dice.chance(trouble) { drawLog(&dice) }
        latency = dice.pick([300, 2000, 2000, 20_000, 120_000])
        if dice.chance(0.15) { slowSpells = dice.number(1_000_000...4_000_000) }
        drawPolicies(&dice)
    }

    private mutating func drawLimits(_ dice: inout Dice) {
        batchRecords = dice.number(3...50)
        if dice.chance(0.2) { batchBytes = dice.number(300...3000) }
        if dice.chance(0.5) { partitionRecords = dice.number(2...60) }
        if dice.chance(0.1) { partitionBytes = dice.number(200...3000) }
        longestOpen = dice.pick([1000, 30_000, 200_000])
        pauseAfter = dice.pick([5000, 100_000, 500_000])
        longestAnswer = dice.pick([1000, 20_000, 300_000])
        settleTime = dice.pick([20_000, 500_000, 3_000_000])
        retryFirst = dice.pick([2000, 50_000])
        retryLongest = dice.pick([100_000, 1_000_000])
        mostKnownMembers = dice.pick([0, 3, 1000])
        slowRows = dice.pick([0, 0.2, 1])
        noticedHole = dice.pick([1, 2, 1000])
        if dice.chance(0.2) { longestBacklog = dice.number(200...3000) }
        publishTime = dice.pick([1000, 100_000, 600_000])
    }

    private mutating func drawGroup(_ dice: inout Dice) {
        rebalance = dice.number(400_000...4_000_000)
        joinDelay = dice.pick([1000, 100_000, 800_000])
        sessionTimeout = dice.pick([600_000, 2_000_000])
        rebalanceTimeout = dice.pick([400_000, 6_000_000])
        if dice.chance(0.4) { cut = dice.number(1_000_000...6_000_000) }
        if dice.chance(0.2) { kafkaRefuses = 0.02 }
    }

    private mutating func drawProcesses(_ dice: inout Dice) {
        if dice.chance(0.7) { crash = dice.number(400_000...6_000_000) }
        if dice.chance(0.5) { stop = dice.number(1_000_000...6_000_000) }
        if dice.chance(0.3) { leave = dice.number(1_000_000...6_000_000) }
        if dice.chance(0.4) { clockJump = dice.number(500_000...5_000_000) }
    }

    private mutating func drawDatabase(_ dice: inout Dice) {
        connectionLost = dice.pick([0, 0.02, 0.2])
        replyLost = dice.pick([0, 0.05, 0.3])
        late = dice.pick([0, 0.02, 0.2])
        timeout = dice.pick([0, 0, 0.05])
        if dice.chance(0.2) { tooLarge = dice.number(2...max(2, batchRecords / 2)) }
        if dice.chance(0.05) { permanent = 0.003 }
        if dice.chance(0.3) { databaseAway = dice.number(1_000_000...6_000_000) }
    }

    private mutating func drawLog(_ dice: inout Dice) {
        holes = dice.pick([0, 0.05, 0.5])
        longestHole = dice.number(1...4)
        skips = dice.pick([0, 0.005, 0.02])
        rewinds = dice.pick([0, 0.01])
        spuriousRange = dice.pick([0, 0.002])
        // Where a topic has holes, those of up to so many offsets are believed: a client that skips there
        // is not noticed. Known, and the price of not reading every marker's surroundings twice.
        if skips > 0, holes > 0 { noticedHole = 0 }
        if dice.chance(0.3) {
            truncation = dice.number(1_000_000...4_000_000)
            continuesBehindGap = dice.chance(0.7)
        }
    }

    func settings(_ topology: Topology) -> WorkerSettings {
        var settings = WorkerSettings(topology: topology)
        settings.longestOpen = longestOpen
        settings.pauseAfter = pauseAfter
        settings.longestAnswer = longestAnswer
        settings.settleTime = settleTime
        settings.retry = Backoff(first: retryFirst, longest: retryLongest)
        settings.mostKnownMembers = mostKnownMembers
        settings.longestHole = noticedHole
        settings.longestBacklog = longestBacklog
        setPolicies(of: &settings)
        return settings
    }
}
