// Tumbling windows of event time, aligned to UTC.

/// How long a window is. Written `10m`, `1h`, `1d`, or `1mo` for a calendar month in UTC.
public enum WindowSize: Sendable, Hashable, CustomStringConvertible {
    case fixed(TimeSpan)
    case month

    /// Nil unless `text` is `1mo` or a positive span with a unit.
    public init?(parsing text: String) {
        if text == "1mo" {
            self = .month
        } else if let span = TimeSpan(parsing: text), span.microseconds > 0 {
            self = .fixed(span)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .fixed(let span): span.description
        case .month: "1mo"
        }
    }

    /// Start of the window that holds `time`, in microseconds since 1970.
    public func start(of time: Int64) -> Int64 {
        switch self {
        case .fixed(let span):
            return time.flooredDivision(by: span.microseconds) * span.microseconds
        case .month:
            var date = CivilDate(daysSinceEpoch: time.flooredDivision(by: 86_400_000_000))
            date.day = 1
            return date.daysSinceEpoch * 86_400_000_000
        }
    }

    /// End (exclusive) of the window that starts at `start`, in microseconds since 1970.
    public func end(from start: Int64) -> Int64 {
        switch self {
        case .fixed(let span):
            return start + span.microseconds
        case .month:
            var date = CivilDate(daysSinceEpoch: start.flooredDivision(by: 86_400_000_000))
            date.month = date.month % 12 + 1
            if date.month == 1 { date.year += 1 }
            return date.daysSinceEpoch * 86_400_000_000
        }
    }
}
