// How often each thing happened.

struct Coverage {
    private var counts = [Int](repeating: 0, count: Happening.allCases.count)

    subscript(_ happening: Happening) -> Int { counts[happening.rawValue] }

    mutating func note(_ happening: Happening, _ times: Int = 1) { counts[happening.rawValue] += times }

    mutating func add(_ other: Coverage) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    var missing: [Happening] { Happening.allCases.filter { self[$0] == 0 } }

    /// A line for every few of them.
    var table: String {
        let words = Happening.allCases.map { "\($0) \(self[$0])" }
        return stride(from: 0, to: words.count, by: 6).map { start in
            "  " + words[start..<min(start + 6, words.count)].joined(separator: ", ")
        }.joined(separator: "\n")
    }
}
