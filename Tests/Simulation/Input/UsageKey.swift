// Names a usage row.

struct UsageKey: Hashable, Comparable, CustomStringConvertible {
    let organisation: String
    let meter: String
    let start: Int64
    let dimensions: [String]

    var description: String { "\(organisation) \(meter) \(start) \(dimensions)" }

    static func < (a: UsageKey, b: UsageKey) -> Bool {
        (a.organisation, a.meter, a.start, a.dimensions.joined(separator: "|"))
            < (b.organisation, b.meter, b.start, b.dimensions.joined(separator: "|"))
    }
}
