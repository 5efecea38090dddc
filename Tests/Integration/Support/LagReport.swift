// The lag that workers reported over their lives, from the lines of `--report-every`.

import Foundation

struct LagReport: CustomStringConvertible {
    private struct Line: Decodable {
        let lag: [[UInt64]]
    }

    /// Microseconds → records.
    private var counts: [UInt64: UInt64] = [:]

    /// - Parameter logs: all that workers wrote.
    init(_ logs: String) throws {
        for line in logs.split(separator: "\n") where line.hasPrefix("{") {
            for pair in try JSONDecoder().decode(Line.self, from: Data(line.utf8)).lag {
                counts[pair[0], default: 0] += pair[1]
            }
        }
    }

    var records: UInt64 { counts.values.reduce(0, +) }

    /// In microseconds; 0 if nothing was reported.
    func percentile(_ percent: Double) -> UInt64 {
        let rank = Double(records) * percent / 100
        var seen = 0.0
        for (lag, count) in counts.sorted(by: { $0.key < $1.key }) {
            seen += Double(count)
            if seen >= rank { return lag }
        }
        return 0
    }

    /// Share of the records that were late by more.
    func share(above microseconds: UInt64) -> Double {
        let late = counts.filter { $0.key > microseconds }.values.reduce(0, +)
        return records == 0 ? 0 : Double(late) / Double(records)
    }

    var description: String {
        let points = [50.0, 90, 99, 99.9, 100].map { "p\($0) \(percentile($0) / 1000) ms" }
        let late = String(format: "%.2f", share(above: 2_000_000) * 100)
        return "lag of \(records) records: \(points.joined(separator: ", ")); \(late) % above 2 s"
    }
}
