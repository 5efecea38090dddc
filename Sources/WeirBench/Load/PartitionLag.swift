// One partition's records between their sending and the moment when their effect is seen.

/// Intended times by offset, and what was seen of the position, in whichever order the two become known.
struct PartitionLag {
    /// Offset of the first record that is not settled.
    private(set) var next: Int64
    /// Intended times from `next` on; `unknown` where no delivery report has come.
    private var times: [Int64] = []
    private var head = 0
    /// Positions with the moments when they were first seen, both rising.
    private var looks: [(position: Int64, seen: Int64)] = []
    /// Offsets below the position that no delivery report spoke of: somebody else's records, or a lost report.
    private(set) var unclaimed = 0
    /// Reports that came after their offset was taken for somebody else's.
    private(set) var tooLate = 0
    private(set) var position: Int64
    /// The position that was seen last; nil before the first look. A group may begin far behind the records to come.
    private var lastSeen: Int64?
    /// Times that the position moved.
    private(set) var advances = 0
    /// Records that are delivered and whose effect was not seen.
    private(set) var open = 0
    /// When the position moved last, by the records that were handed out.
    private var lastMove: Int64 = .min

    private static let unknown: Int64 = .min

    /// The intended time of the first record that is open.
    var oldestOpen: Int64? { times[head...].first { $0 != Self.unknown } }

    /// - Parameter start: offset of the first record to come.
    init(start: Int64) {
        next = start
        position = start
    }

    mutating func deliver(offset: Int64, intended: Int64) {
        let index = head + Int(offset - next)
        guard offset >= next else {
            tooLate += 1
            return
        }
        while times.count <= index { times.append(Self.unknown) }
        if times[index] == Self.unknown { open += 1 }
        times[index] = intended
    }

    /// - Returns: false if the position went back.
    mutating func look(_ position: Int64, seen: Int64) -> Bool {
        if position > self.position {
            self.position = position
            looks.append((position, seen))
        }
        defer { lastSeen = position }
        guard let lastSeen else { return true }
        if position > lastSeen { advances += 1 }
        return position >= lastSeen
    }

    /// Hands out each record whose effect was seen: intended time, and the moment of the first look that covered it.
    ///
    /// - Parameter isFinal: no delivery report is to come.
    /// - Returns: the times, long enough to be told, that the position stood still though a record was due.
    mutating func settle(
        isFinal: Bool, _ record: (_ intended: Int64, _ seen: Int64) -> Void
    ) -> [Range<Int64>] {
        var settled = 0
        var still: [Range<Int64>] = []
        search: for look in looks {
            var isMoving = false
            while next < look.position {
                if head < times.count {
                    // A partition's reports come in order: what has none before one that has, never will.
                    if times[head] == Self.unknown {
                        unclaimed += 1
                    } else {
                        open -= 1
                        if !isMoving {
                            isMoving = true
                            let began = max(lastMove, times[head])
                            if look.seen - began >= Standstill.least { still.append(began..<look.seen) }
                            lastMove = look.seen
                        }
                        record(times[head], look.seen)
                    }
                    head += 1
                } else if isFinal {
                    unclaimed += 1
                } else {
                    break search
                }
                next += 1
            }
            settled += 1
        }
        looks.removeFirst(settled)
        if head > 4096, head > times.count / 2 {
            times.removeFirst(head)
            head = 0
        }
        return still
    }
}
