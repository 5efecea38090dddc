// What became of records, counted.

public import WeirCore

/// Of one partition or of many, since the process started; grows only.
public struct RecordCounts: Sendable, Equatable {
    public var counted: Int64 = 0
    public var duplicates: Int64 = 0
    public var conflicts: Int64 = 0
    /// Of `counted`: those that came after their window's end plus grace.
    public var late: Int64 = 0
    /// Sent to an overflow topic for a quota.
    public var diverted: Int64 = 0
    /// Put aside in weir.parked, each time that one was.
    public var parked: Int64 = 0
    /// Indexed as `DeadLetterReason.allCases`.
    private var letters = ContiguousArray<Int64>(repeating: 0, count: DeadLetterReason.allCases.count)

    public init() {}

    public static let reasons = DeadLetterReason.allCases

    public var deadLetters: Int64 { letters.reduce(0, +) }

    /// Records whose fate is decided.
    public var records: Int64 { counted + duplicates + conflicts + deadLetters + diverted }

    public subscript(reason: DeadLetterReason) -> Int64 {
        get { letters[Self.index(reason)] }
        set { letters[Self.index(reason)] = newValue }
    }

    private static func index(_ reason: DeadLetterReason) -> Int {
        DeadLetterReason.allCases.firstIndex(of: reason) ?? 0
    }

    public mutating func add(_ other: RecordCounts) {
        counted += other.counted
        duplicates += other.duplicates
        conflicts += other.conflicts
        late += other.late
        diverted += other.diverted
        parked += other.parked
        for index in letters.indices { letters[index] += other.letters[index] }
    }
}
