// Draws organisations so that a few have most of the events.

import Foundation

/// Zipf's law over `count` things: the k-th is drawn in proportion to k to the power of -skew.
struct HeavyTail: Sendable {
    /// Upper ends of the shares, rising to 1.
    private let ends: [Double]

    init(count: Int, skew: Double) {
        var total = 0.0
        var ends: [Double] = []
        ends.reserveCapacity(count)
        for rank in 1...count {
            total += pow(Double(rank), -skew)
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
