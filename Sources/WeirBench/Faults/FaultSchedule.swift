// A campaign's faults, all drawn beforehand: the same seed makes the same ones.

/// What happens when, apart from how long the system needs to recover: no two runs are alike in that.
public struct FaultSchedule: Equatable, Sendable {
    public let faults: [PlannedFault]

    /// - Parameters:
    ///   - kills: how many of kind `kill`.
    ///   - others: kinds that join in, each in its proportion to the kills.
    ///   - session: the group's session time-out in seconds, the measure of all lengths.
    public init(seed: UInt64, kills: Int, others: [FaultKind], session: Double) {
        var random = SeededRandom(seed: SeededRandom.mix(seed) ^ 0xFA17)
        var kinds = [FaultKind](repeating: .kill, count: kills)
        for kind in FaultKind.allCases where kind != .kill && others.contains(kind) {
            kinds += [FaultKind](repeating: kind, count: Int((Double(kills) * kind.share).rounded()))
        }
        for index in kinds.indices.reversed() { kinds.swapAt(index, random.below(index + 1)) }
        faults = kinds.enumerated().map { index, kind in
            let choice = random.below(1 << 30)
            let afterRecovery = random.chance(0.7)
            let wait = random.unit()
            let length = random.unit()
            return PlannedFault(
                number: index + 1, kind: kind, choice: choice,
                wait: afterRecovery ? 0.1 + wait * 1.4 : 0.1 + wait * 1.5 * session, afterRecovery: afterRecovery,
                length: Self.length(kind, length, session))
        }
    }

    public func count(_ kind: FaultKind) -> Int { faults.count { $0.kind == kind } }

    private static func length(_ kind: FaultKind, _ share: Double, _ session: Double) -> Double {
        switch kind {
        // Half of them are back before the group has noticed.
        case .kill: share * share * 2 * session
        // From just over the time-out to well after the others have taken over.
        case .freeze: (1.1 + share * 1.9) * session
        case .restart: share
        case .cut, .crash, .refuse: 0
        }
    }
}
