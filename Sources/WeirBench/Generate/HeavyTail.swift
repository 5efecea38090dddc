// Draws organisations so that a few have most of the events.

import Foundation

/// How often each of many organisations is drawn, by its rank; a skew of 0 draws all alike.
public enum OrganisationLaw: String, CaseIterable, Sendable {
    /// The k-th in proportion to k to the power of -skew: Zipf's law.
    case zipf
    /// The k-th in proportion to k^-skew - (k+1)^-skew: whole parts of Pareto's distribution, so that with a skew of 1.1
    /// the first has half of all events. Workload W1 is drawn by it.
    case pareto

    func weight(rank: Int, skew: Double) -> Double {
        let weight = pow(Double(rank), -skew)
        return self == .pareto && skew > 0 ? weight - pow(Double(rank + 1), -skew) : weight
    }
}

/// Draws ranks, from 0, by such a law.
struct HeavyTail: Sendable {
    /// Upper ends of the shares, rising to 1.
    private let ends: [Double]

    init(count: Int, law: OrganisationLaw, skew: Double) {
        var total = 0.0
        var ends: [Double] = []
        ends.reserveCapacity(count)
        for rank in 1...count {
            total += law.weight(rank: rank, skew: skew)
            ends.append(total)
        }
        self.ends = ends.map { $0 / total }
    }

    func draw(_ random: inout SeededRandom) -> Int {
        let point = random.unit()
        var low = 0
        var high = ends.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
