// One partition's log: records and holes, and a front that moves.

struct SimLog {
    /// By offset; nil where the log holds no record. What was truncated stays here for whoever judges.
    private(set) var entries: [SimRecord?] = []
    private(set) var first: Int64 = 0
    private(set) var lastRecord: Int64?

    var end: Int64 { Int64(entries.count) }

    mutating func append(_ record: SimRecord) {
        var record = record
        record.offset = end
        lastRecord = end
        entries.append(record)
    }

    mutating func appendHole() { entries.append(nil) }

    mutating func truncate(before offset: Int64) { first = max(first, min(offset, end)) }

    /// What a reader that stands there gets next.
    func record(from offset: Int64) -> SimRecord? {
        var offset = Int(offset)
        while offset < entries.count {
            if let record = entries[offset] { return record }
            offset += 1
        }
        return nil
    }

    /// Nil for a hole.
    func entry(_ offset: Int64) -> SimRecord? {
        entries.indices.contains(Int(offset)) ? entries[Int(offset)] : nil
    }

    func records(_ range: Range<Int64>) -> [SimRecord] {
        let range = range.clamped(to: 0..<end)
        return entries[Int(range.lowerBound)..<Int(range.upperBound)].compactMap { $0 }
    }
}
