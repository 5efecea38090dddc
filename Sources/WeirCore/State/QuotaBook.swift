// What each organisation may still use of one source: token buckets, in whole numbers.

/// Kept by the worker that reads the organisation's partition. Levels are millionths of an event or byte, so
/// that a microsecond refills them exactly by the rate.
///
/// An organisation over its quota has a backlog; until it is worked off, everything of the organisation goes
/// behind it, so that its events keep their order.
public final class QuotaBook {
    private struct Account {
        var eventRate: Int64
        var byteRate: Int64
        var events: Int64
        var bytes: Int64
        var refilledAt: Int64
        /// Promised to rows that are being read back: not free for others, and not used yet.
        var reservedEvents: Int64 = 0
        var reservedBytes: Int64 = 0
        /// Rows of records that wait, written or about to be.
        var backlog = 0
    }

    private let quotas: Quotas?
    private var names = ByteInterner(seed: 3)
    private var accounts: [Account] = []
    /// With more than these, accounts that say nothing are forgotten.
    private var most: Int

    private static let unlimited = Int64.max

    /// - Parameter most: accounts kept, unless more have a backlog or are below their burst. Names come from
    ///   records, and somebody can make up millions.
    public init(_ quotas: Quotas?, most: Int = 1 << 17) {
        self.quotas = quotas
        self.most = most
    }

    public var count: Int { accounts.count }

    public var isActive: Bool { quotas != nil }

    /// Whether an event may be metered now; if so it is charged.
    ///
    /// - Parameter now: microseconds of the monotonic clock.
    public func admits(_ organisation: RawSpan, bytes size: Int, now: Int64) -> Bool {
        let account = account(of: organisation, now: now)
        guard accounts[account].backlog == 0 else { return false }
        refill(account, now)
        guard hasRoom(account) else { return false }
        charge(account, events: 1, bytes: size)
        return true
    }

    /// Whether the oldest row of the organisation's backlog may be metered now. A row is taken whole and may
    /// overdraw: the next one waits until that is refilled.
    public func hasRoom(_ organisation: [UInt8], now: Int64) -> Bool {
        let account = account(of: organisation.span.bytes, now: now)
        refill(account, now)
        return hasRoom(account)
    }

    /// Charges an event that is metered whether or not there is room.
    public func charge(_ organisation: RawSpan, bytes size: Int, now: Int64) {
        charge(organisation, events: 1, bytes: size, now: now)
    }

    private func charge(_ organisation: RawSpan, events: Int, bytes: Int, now: Int64) {
        let account = account(of: organisation, now: now)
        // First, or a quiet time would pay for more than the burst.
        refill(account, now)
        charge(account, events: events, bytes: bytes)
    }

    /// Keeps room for a row that is asked for. The level stays, so that what is given back later leaves a bucket as
    /// if nothing had been asked: charged at once, a full bucket would refill meanwhile.
    public func reserve(_ organisation: [UInt8], events: Int, bytes: Int, now: Int64) {
        let account = account(of: organisation.span.bytes, now: now)
        accounts[account].reservedEvents += Int64(events)
        accounts[account].reservedBytes += Int64(bytes)
    }

    /// Ends a reservation.
    ///
    /// - Parameter isUsed: the row is metered now, and is charged.
    public func settle(_ organisation: [UInt8], events: Int, bytes: Int, isUsed: Bool, now: Int64) {
        let account = account(of: organisation.span.bytes, now: now)
        accounts[account].reservedEvents -= Int64(events)
        accounts[account].reservedBytes -= Int64(bytes)
        precondition(accounts[account].reservedEvents >= 0, "more given back than was reserved")
        if isUsed { charge(organisation.span.bytes, events: events, bytes: bytes, now: now) }
    }

    /// Rows more or fewer that wait.
    public func changeBacklog(_ organisation: [UInt8], by rows: Int, now: Int64) {
        let account = account(of: organisation.span.bytes, now: now)
        accounts[account].backlog += rows
        precondition(accounts[account].backlog >= 0, "more rows taken than put aside")
    }

    /// Nothing waits any more as far as this worker knows: its partitions are gone.
    public func forgetBacklogs() {
        for index in accounts.indices {
            accounts[index].backlog = 0
            accounts[index].reservedEvents = 0
            accounts[index].reservedBytes = 0
        }
    }

    /// A row that has reached one of them takes no more.
    public struct RowLimit: Sendable, Equatable {
        public var records: Int
        public var bytes: Int

        public init(records: Int, bytes: Int) {
            self.records = records
            self.bytes = bytes
        }
    }

    /// Of a row of backlog: about a second of the quota, since a row is taken whole.
    public func rowLimit(_ organisation: [UInt8], now: Int64) -> RowLimit {
        let account = accounts[account(of: organisation.span.bytes, now: now)]
        return RowLimit(
            records: Int(max(64, min(account.eventRate, 10_000))),
            bytes: Int(max(64 << 10, min(account.byteRate, 1 << 20))))
    }

    // MARK: -

    private func account(of organisation: RawSpan, now: Int64) -> Int {
        if accounts.count >= most { forgetQuiet(now) }
        let (id, isNew) = names.intern(organisation)
        if isNew {
            let name = organisation.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let quota = quotas?.organisations[name] ?? quotas?.usual
            let eventRate = quota?.eventsPerSecond.map(Int64.init) ?? Self.unlimited
            let byteRate = quota?.bytesPerSecond.map(Int64.init) ?? Self.unlimited
            accounts.append(
                Account(
                    eventRate: eventRate, byteRate: byteRate, events: capacity(eventRate),
                    bytes: capacity(byteRate), refilledAt: now))
        }
        return id
    }

    /// An account without backlog and with its whole burst is what a new one would be.
    private func forgetQuiet(_ now: Int64) {
        var kept = ByteInterner(seed: 3)
        var keptAccounts: [Account] = []
        for id in accounts.indices {
            refill(id, now)
            let account = accounts[id]
            guard
                account.backlog > 0 || account.reservedEvents > 0 || account.events < capacity(account.eventRate)
                    || account.bytes < capacity(account.byteRate)
            else { continue }
            let name = Array(names.bytes(of: id))
            _ = kept.intern(name.span.bytes)
            keptAccounts.append(account)
        }
        swap(&names, &kept)
        accounts = keptAccounts
        most = max(most, accounts.count * 2)
    }

    private func capacity(_ rate: Int64) -> Int64 {
        guard rate != Self.unlimited, let quotas else { return Self.unlimited }
        let (level, overflow) = rate.multipliedReportingOverflow(by: quotas.burst.microseconds)
        return overflow ? Self.unlimited : level
    }

    private func refill(_ account: Int, _ now: Int64) {
        let passed = now - accounts[account].refilledAt
        guard passed > 0 else { return }
        accounts[account].refilledAt = now
        accounts[account].events = Self.refilled(
            accounts[account].events, accounts[account].eventRate, passed, capacity(accounts[account].eventRate))
        accounts[account].bytes = Self.refilled(
            accounts[account].bytes, accounts[account].byteRate, passed, capacity(accounts[account].byteRate))
    }

    private static func refilled(_ level: Int64, _ rate: Int64, _ passed: Int64, _ capacity: Int64) -> Int64 {
        guard rate != unlimited else { return level }
        let (added, overflow) = rate.multipliedReportingOverflow(by: passed)
        let (sum, overflows) = level.addingReportingOverflow(added)
        return overflow || overflows ? capacity : min(capacity, sum)
    }

    private func hasRoom(_ account: Int) -> Bool {
        let book = accounts[account]
        return book.events - book.reservedEvents * 1_000_000 >= 1_000_000
            && book.bytes - book.reservedBytes * 1_000_000 > 0
    }

    private func charge(_ account: Int, events: Int, bytes: Int) {
        if accounts[account].eventRate != Self.unlimited {
            accounts[account].events -= Int64(events) * 1_000_000
        }
        if accounts[account].byteRate != Self.unlimited {
            accounts[account].bytes -= Int64(bytes) * 1_000_000
        }
    }
}
