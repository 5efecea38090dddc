// The share of dead letters in what one process wrote, counted again.

import WeirCore
import WeirRuntime

struct BreakerWitness {
    private var batches: [(records: Int64, letters: Int64)] = []
    private var last: [BatchPart] = []

    /// A batch begins to be written, for the first time or again.
    ///
    /// - Returns: what is wrong with that; nil if nothing is.
    mutating func write(_ parts: [BatchPart], _ policy: BreakerPolicy) -> String? {
        // A batch is the same if its partitions are where they were.
        let isSame = last.elementsEqual(parts) {
            $0.id == $1.id && $0.epoch == $1.epoch && $0.sequence == $1.sequence
        }
        guard !isSame else { return nil }
        last = parts
        batches.append(
            (
                parts.reduce(0) { $0 + $1.progress.records + $1.progress.diverted },
                parts.reduce(0) { $0 + $1.progress.deadLetters }
            ))
        var records: Int64 = 0
        var letters: Int64 = 0
        for batch in batches.reversed() where records < policy.over {
            records += batch.records
            letters += batch.letters
        }
        guard Self.isTooMany(letters, of: records, policy) else { return nil }
        return "\(letters) of the newest \(records) records are dead letters, and they are written"
    }

    private static func isTooMany(_ letters: Int64, of records: Int64, _ policy: BreakerPolicy) -> Bool {
        records >= policy.over && letters * 100 > records * Int64(policy.deadLetterPercent)
    }

    /// - Parameter failure: what the core says of its stopping.
    static func judge(_ failure: WeirError, _ policy: BreakerPolicy) -> String? {
        guard let match = failure.message.firstMatch(of: /: (\d+) of the last (\d+) records are dead letters/),
            let letters = Int64(match.1), let records = Int64(match.2), isTooMany(letters, of: records, policy)
        else { return "stopped without a cause: \(failure)" }
        return nil
    }
}
