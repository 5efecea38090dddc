// What to generate: how many records, of which times, and what share of them is unusual.

public import WeirCore

/// Options of a `Generator`. Shares are of all records, from 0 to 1.
public struct GeneratorOptions: Sendable {
    /// Records to make, unusual ones included; with a trace, rows to replay. Nil: 100,000, or all rows.
    public var events: Int?
    /// Records a second; 0 is as fast as possible.
    public var rate = 0.0
    public var seed: UInt64 = 1
    public var organisations = 500
    public var law = OrganisationLaw.zipf
    /// The law's exponent; 0 draws all organisations alike.
    public var skew = 1.1
    /// Share of events that are the first organisation's, whatever the skew.
    public var hot = 0.0
    /// Share of records that repeat an earlier one.
    public var repeats = 0.05
    /// Share of new events whose time is up to 30 minutes earlier than its turn; not with a trace.
    public var late = 0.01
    /// Share of records with the identity of an earlier event and another content.
    public var conflicts = 0.0
    /// Share of records that are dead letters.
    public var poison = 0.0
    /// Kinds to draw from; nil: `PoisonKind.standard`, as far as the sources' schemas allow.
    public var poisonKinds: [PoisonKind]?
    /// Size of strings and bytes in fields that the topology does not read; nil for short ones.
    public var textBytes: Int?
    /// Size of poison of kind `large`; nil: 64 KiB more than the topology's limit.
    public var largeBytes: Int?
    /// Event time of the first event. Nil: `now` if times follow the clock, else such that the last is at `now`.
    public var start: Timestamp?
    /// What the event times spread over. Nil: the time that sending takes; without a rate, as if it were 10,000/s.
    public var span: TimeSpan?
    /// The expectation has a total for each result, and not counts alone.
    public var keepsTotals = true
    /// Real events to replay instead of made-up ones.
    public var trace: Trace?
    /// The clock at the beginning, to know which times are believable.
    public var now: Timestamp

    public init(now: Timestamp) { self.now = now }

    /// The first organisation that is drawn by the law: the hot one has its share and no more.
    var others: Int { hot > 0 ? 1 : 0 }

    static let latest = TimeSpan(microseconds: 30 * 60_000_000)

    func validate() throws(WeirError) {
        func check(_ isRight: Bool, _ words: String) throws(WeirError) {
            if !isRight { throw WeirError(.usage, words) }
        }
        try check(events.map { $0 >= 0 } ?? true, "--events is \(events ?? 0): expected 0 or more")
        try check(
            rate >= 0 && rate.isFinite, "--rate is \(rate): expected 0 (as fast as possible) or records a second")
        try check(
            (1...10_000_000).contains(organisations), "--organisations is \(organisations): expected 1 to 10000000")
        try check(skew >= 0 && skew <= 10, "--skew is \(skew): expected 0 (all alike) to 10")
        for (name, share) in [
            ("repeats", repeats), ("late", late), ("conflicts", conflicts), ("poison", poison), ("hot", hot),
        ] {
            try check(share >= 0 && share <= 1, "--\(name) is \(share): expected a share from 0 to 1")
        }
        let unusual = repeats + conflicts + poison
        try check(unusual < 1, "--repeats, --conflicts and --poison are \(unusual) together: they leave no new events")
        if let textBytes {
            try check((1...1 << 20).contains(textBytes), "--text-bytes is \(textBytes): expected 1 to 1048576")
        }
        if let poisonKinds { try check(!poisonKinds.isEmpty, "--poison-kinds is empty") }
    }
}
