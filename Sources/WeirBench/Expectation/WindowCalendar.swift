// Windows by the book: whole multiples since 1970, and months as Foundation's calendar knows them.

import Foundation
import WeirCore

/// Finds the window of an instant. On purpose it does not use `WindowSize.start` and `end`, which it checks.
struct WindowCalendar {
    struct Window: Hashable {
        var start: Int64
        /// Exclusive.
        var end: Int64
    }

    private let calendar: Calendar
    /// The month found last: asking the calendar takes longer than all the rest.
    private var month = Window(start: 0, end: 0)

    init() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        self.calendar = calendar
    }

    mutating func window(holding time: Int64, of size: WindowSize) -> Window {
        switch size {
        case .fixed(let span):
            let length = span.microseconds
            let remainder = time % length
            let start = time - (remainder < 0 ? remainder + length : remainder)
            return Window(start: start, end: start + length)
        case .month:
            if time < month.start || time >= month.end { month = monthHolding(time) }
            return month
        }
    }

    private func monthHolding(_ time: Int64) -> Window {
        var seconds = time / 1_000_000
        if time < 0, time % 1_000_000 != 0 { seconds -= 1 }
        guard let interval = calendar.dateInterval(of: .month, for: Date(timeIntervalSince1970: Double(seconds))) else {
            preconditionFailure("every instant is in a month")
        }
        return Window(
            start: Int64(interval.start.timeIntervalSince1970) * 1_000_000,
            end: Int64(interval.end.timeIntervalSince1970) * 1_000_000)
    }
}
