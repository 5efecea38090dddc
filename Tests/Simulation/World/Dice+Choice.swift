// Choices that the simulation makes, all from one seed.

import WeirRuntime

extension Dice {
    mutating func chance(_ probability: Double) -> Bool {
        guard probability > 0 else { return false }
        return Double(next() >> 11) * 0x1p-53 < probability
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(below(Int(range.upperBound - range.lowerBound) + 1))
    }

    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    /// Mostly short, now and then long: exponential with this mean, in microseconds.
    mutating func delay(mean: Int64) -> Int64 {
        // Twelve halvings of the mean's share, by counting coins, are close enough and need no logarithm.
        var time = mean / 8 + 1
        while time < mean * 16, next() & 3 < 3 {
            time += mean / 4 + Int64(next() & 0xff)
        }
        return time
    }
}
