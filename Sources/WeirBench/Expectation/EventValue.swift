// A field's value as far as meters care.

/// What an event has in a field that is measured, told apart or grouped by.
public enum EventValue: Sendable, Hashable {
    case null
    /// Whole numbers, booleans (0 and 1), times in microseconds, and decimals without their point.
    case number(Int128)
    case text(String)

    /// As it stands among the dimensions of a result.
    var words: String {
        switch self {
        case .null: ""
        case .number(let number): String(number)
        case .text(let text): text
        }
    }
}
