// Instants and lengths of time in whole microseconds, and their written forms.

/// A length of time in microseconds. Written with a unit: `250ms`, `5s`, `10m`, `2h`, `35d`.
public struct TimeSpan: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let microseconds: Int64

    public static func milliseconds(_ number: Int64) -> TimeSpan { TimeSpan(microseconds: number * 1000) }
    public static func seconds(_ number: Int64) -> TimeSpan { TimeSpan(microseconds: number * 1_000_000) }

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.microseconds < b.microseconds }

    private static let units: [(suffix: String, microseconds: Int64)] = [
        ("us", 1), ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ]

    package static var suffixes: [String] { units.map(\.suffix) }

    /// Nil unless `text` is a whole non-negative number followed by one of `us ms s m h d`, in range.
    public init?(parsing text: String) {
        let digits = text.prefix(while: { $0.isASCII && $0.isNumber })
        let suffix = text[digits.endIndex...]
        guard let number = Int64(digits),
            let unit = Self.units.first(where: { $0.suffix == suffix })
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.microseconds)
        guard !overflow else { return nil }
        microseconds = product
    }

    public var description: String {
        let unit = Self.units.last(where: { microseconds % $0.microseconds == 0 }) ?? Self.units[0]
        return microseconds == 0 ? "0s" : "\(microseconds / unit.microseconds)\(unit.suffix)"
    }
}

/// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (Avro `timestamp-micros`).
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// Reads `2026-11-01`, `2026-11-01T10:00:00Z` and `2026-11-01T10:00:00.123456Z`; nil for anything else.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        func digits(_ from: Int, _ to: Int) -> Int? {
            guard to <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[from..<to] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        func at(_ index: Int, _ character: Character) -> Bool {
            index < bytes.count && bytes[index] == character.asciiValue
        }
        guard let year = digits(0, 4), at(4, "-"), let month = digits(5, 7), at(7, "-"), let day = digits(8, 10),
            (1...12).contains(month), (1...CivilDate.days(inMonth: month, year: year)).contains(day)
        else { return nil }
        var value = CivilDate(year: year, month: month, day: day).daysSinceEpoch * 86_400_000_000
        if bytes.count > 10 {
            guard at(10, "T"), let hour = digits(11, 13), at(13, ":"), let minute = digits(14, 16), at(16, ":"),
                let second = digits(17, 19), hour < 24, minute < 60, second < 60, at(bytes.count - 1, "Z")
            else { return nil }
            value += Int64(hour * 3600 + minute * 60 + second) * 1_000_000
            let fraction = bytes[19..<(bytes.count - 1)]
            if !fraction.isEmpty {
                guard at(19, "."), (1...6).contains(fraction.count - 1), let number = digits(20, bytes.count - 1)
                else { return nil }
                var scaled = Int64(number)
                for _ in (fraction.count - 1)..<6 { scaled *= 10 }
                value += scaled
            }
        }
        microseconds = value
    }

    /// ISO 8601 in UTC, with fractions only where there are any.
    public var description: String {
        let day = microseconds.flooredDivision(by: 86_400_000_000)
        var rest = microseconds - day * 86_400_000_000
        let date = CivilDate(daysSinceEpoch: day)
        func pad(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
        }
        let fraction = rest % 1_000_000
        rest /= 1_000_000
        let clock = "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
        let sub = fraction == 0 ? "" : "." + pad(fraction, 6)
        return "\(pad(Int64(date.year), 4))-\(pad(Int64(date.month), 2))-\(pad(Int64(date.day), 2))T\(clock)\(sub)Z"
    }
}

/// A day of the proleptic Gregorian calendar, in UTC.
///
/// Conversions follow Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
public struct CivilDate: Sendable, Hashable {
    public var year: Int
    public var month: Int
    public var day: Int

    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    public init(daysSinceEpoch: Int64) {
        let z = daysSinceEpoch + 719_468
        let era = z.flooredDivision(by: 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
        month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    public var daysSinceEpoch: Int64 {
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = y.flooredDivision(by: 400)
        let yearOfEra = y - era * 400
        let shifted = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * shifted + 2) / 5 + Int64(day) - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Quotient rounded towards negative infinity, so that times before 1970 fall into the right window.
    @inlinable
    package func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
