// A fault as it happened: a row of the report's table.

import Foundation
import WeirBench

struct FaultRecord: Codable {
    var number: Int
    var kind: FaultKind
    /// Seconds since the first event.
    var at: Double
    /// What was done, in words: to whom and for how long.
    var target: String
    /// Events processed when it struck.
    var processed: Int
    /// Whether the one before was not over yet.
    var isOverlapping: Bool
    /// Seconds from the fault until all partitions are owned and each has committed again; nil if it never came.
    var recovery: Double?

    var cells: [String] {
        [
            String(number), String(format: "%.1f s", at), kind.rawValue, target, String(processed),
            recovery.map { String(format: "%.1f s", $0) } ?? "never",
        ]
    }

    static let header = ["#", "time", "fault", "to", "events by then", "recovered after"]
}
