// What a usage row says.

struct UsageValue: Equatable, CustomStringConvertible {
    var quantity: Int64
    var events: Int64
    var first: Int64
    var last: Int64

    var description: String { "\(quantity) of \(events), \(first)...\(last)" }
}
