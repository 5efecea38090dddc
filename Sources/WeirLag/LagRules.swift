// From the looks at a partition to its state: small rules over facts, with no clock and no I/O.

/// The rules never extrapolate. How long a record has waited is counted from the first look that saw the log reach
/// past it, on the watcher's own clock: a consumer that commits every record within the tolerance is never flagged,
/// whatever arrives and whatever timestamps it has; one that does not is, also when nothing more arrives.
public struct LagRules: Sendable {
    /// Microseconds that a record may wait before somebody is told. It must be longer than the consumers' interval of
    /// commits and the watcher's of looks.
    public let tolerance: Int64

    public init(tolerance: Int64) { self.tolerance = tolerance }

    /// What a window must hold for these rules: four times the tolerance, so that a rewind or a loss is told for a while.
    public var span: Int64 { 4 * tolerance }

    public func judge(_ window: LagWindow) -> LagVerdict {
        if let failure = window.failure { return LagVerdict(.unknown, failure) }
        guard let now = window.latest else { return LagVerdict(.unknown, "not looked at yet", isProvisional: true) }
        guard let committed = now.committed else { return withoutCommit(now) }
        if committed > now.end { return beyondTheEnd(window, committed, now) }
        if now.isCaughtUp { return caughtUp(window, now) }
        if let words = wasMadeAnew(window) ?? commitFell(window) { return LagVerdict(.rewind, words) }
        let waited = waited(window)
        if waited.time >= tolerance {
            if stood(window) < tolerance { return behind(window, waited.time) }
            return now.isAssigned == false
                ? LagVerdict(.stop, "the offset stands, and no member holds the partition")
                : LagVerdict(.stall, "the offset stands" + (now.isAssigned == true ? ", though a member holds it" : ""))
        }
        if let words = deletedUnread(window) { return LagVerdict(.warn, words) }
        guard waited.isExact else {
            return LagVerdict(.unknown, "behind, and not watched for long enough", isProvisional: true)
        }
        return LagVerdict(.ok)
    }

    // MARK: Rules

    private func withoutCommit(_ now: Observation) -> LagVerdict {
        if now.end == 0 { return LagVerdict(.ok, "nothing was ever written here") }
        switch now.isAssigned {
        case true?: return LagVerdict(.noData, "a member holds it and has committed nothing")
        case false?: return LagVerdict(.noData, "nothing committed, and no member holds it")
        case nil: return LagVerdict(.noData, "nothing committed")
        }
    }

    /// One such look may be a new leader that does not know the whole log yet.
    private func beyondTheEnd(_ window: LagWindow, _ committed: Int64, _ now: Observation) -> LagVerdict {
        let words = "the log ends at \(now.end), before the committed offset: it was made anew or lost its end"
        let before = window.observations.dropLast().last
        guard let before, let then = before.committed, then > before.end else {
            return LagVerdict(.unknown, words, isProvisional: true)
        }
        return LagVerdict(.rewind, words)
    }

    private func caughtUp(_ window: LagWindow, _ now: Observation) -> LagVerdict {
        if let words = deletedUnread(window) { return LagVerdict(.warn, words) }
        return LagVerdict(.ok, now.next == .openTransaction ? "what follows is of an open transaction" : "")
    }

    /// The log's start fell, or its end did and stays so.
    private func wasMadeAnew(_ window: LagWindow) -> String? {
        let looks = window.observations
        guard let now = looks.last, let highest = looks.map(\.end).max(), let latestStart = looks.map(\.start).max()
        else { return nil }
        if now.start < latestStart {
            return "the log began at \(latestStart) and now at \(now.start): it was made anew"
        }
        // A new leader may not know the whole log at its first answer.
        let isTwice = looks.count > 2 && looks[looks.count - 2].end < highest
        guard now.end < highest, isTwice else { return nil }
        return "the log ended at \(highest) and now at \(now.end): it was made anew or lost its end"
    }

    private func commitFell(_ window: LagWindow) -> String? {
        guard let committed = window.latest?.committed,
            let highest = window.observations.compactMap(\.committed).max(), highest > committed
        else { return nil }
        return "the committed offset fell from \(highest) to \(committed)"
    }

    /// Time since the log was first seen to reach past the offset that waits now.
    ///
    /// - Returns: exact if a look before saw the log without it; else it may have waited for longer.
    private func waited(_ window: LagWindow) -> (time: Int64, isExact: Bool) {
        guard let now = window.latest, let offset = now.waitingOffset else { return (0, false) }
        let looks = window.observations
        let first = looks.lastIndex { !$0.holds(offset) }.map { $0 + 1 } ?? 0
        guard first < looks.count else { return (0, true) }
        return (max(0, now.askedAt - looks[first].answeredAt), first > 0)
    }

    /// Time for which the committed offset has been where it is.
    private func stood(_ window: LagWindow) -> Int64 {
        guard let now = window.latest else { return 0 }
        let since = window.observations.reversed().prefix { $0.committed == now.committed }.last
        return now.askedAt - (since ?? now).askedAt
    }

    private func behind(_ window: LagWindow, _ waited: Int64) -> LagVerdict {
        let lags = window.observations.compactMap(\.lag)
        let isFalling = (lags.last ?? 0) < (lags.first ?? 0)
        return LagVerdict(
            .warn, "behind by \(waited / 1_000_000) s or more, " + (isFalling ? "catching up" : "not catching up"))
    }

    /// Retention went past the committed offset somewhere in the window.
    ///
    /// Not told if the offsets that are gone were seen to hold nothing: a transaction's last marker stays behind the
    /// committed offset until retention takes it, too.
    private func deletedUnread(_ window: LagWindow) -> String? {
        var most: Int64 = 0
        var emptyFrom: Int64?
        var emptyTo: Int64 = 0
        for look in window.observations {
            if let committed = look.committed, look.isCaughtUp, look.start <= committed {
                if emptyFrom != committed { emptyFrom = committed }
                emptyTo = look.end
            }
            guard look.deletedUnread > 0 else { continue }
            if look.committed == emptyFrom, look.start <= emptyTo { continue }
            most = max(most, look.deletedUnread)
        }
        return most > 0 ? "deleted before they were committed: \(most) offsets" : nil
    }
}
