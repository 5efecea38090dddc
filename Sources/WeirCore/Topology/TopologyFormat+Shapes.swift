// The types of value that only topology files have.

extension ConfigShape where Value == String {
    /// What Kafka allows in topic and group names, and a folder name can be.
    static var name: ConfigShape {
        .text(
            name: "name",
            notation: "letters, digits and any of . _ - (up to 200, the first a letter, digit or _)",
            pattern: "[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
    }

    /// As events name it.
    static var organisation: ConfigShape {
        .text(name: "organisation", notation: "any text up to 512 bytes", pattern: ".{1,512}")
    }

    /// Goes into SQL as it stands, so it is nothing but two plain identifiers.
    static var table: ConfigShape {
        .text(
            name: "table name",
            notation: "schema.table in lower-case letters, digits and _ (each up to 63): billing.usage",
            pattern: #"[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}"#)
    }
}

extension ConfigShape where Value == FieldPath {
    static var path: ConfigShape {
        .path(
            name: "field path", notation: "a field's name, with dots into records and maps: bytes, dimensions.region",
            pattern: #"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_-]+)*"#)
    }

    static var topLevelField: ConfigShape {
        .path(
            name: "top-level field", notation: "the name of a field of the record itself, without dots: event_id",
            pattern: "[A-Za-z_][A-Za-z0-9_]*")
    }
}

extension ConfigShape where Value == WindowSize {
    /// Windows that people can name: they begin with the day, or divide it evenly.
    static var window: ConfigShape {
        let notation = "a span that divides a day evenly, whole days up to 366d, or 1mo: 10m, 1h, 1d, 7d, 1mo"
        let units = TimeSpan.suffixes.joined(separator: "|")
        return .scalar(
            name: "window length", notation: notation,
            schema: ["type": "string", "pattern": .string("^([0-9]+(\(units))|1mo)$")]
        ) { text, _ in
            guard let window = WindowSize(parsing: text) else { return .malformed }
            guard case .fixed(let span) = window else { return .value(window) }
            let day = TimeSpan.day.microseconds
            let isEven = span.microseconds >= day ? span.microseconds % day == 0 : day % span.microseconds == 0
            if !isEven { return .refused("neither divides a day nor is whole days: \(text)", expected: notation) }
            guard span >= .second, span <= .longestWindow else {
                return .refused("is out of range: \(text)", expected: "1s to \(TimeSpan.longestWindow), or 1mo")
            }
            return .value(window)
        }
    }
}

extension ConfigShape where Value == Objective {
    /// One line, as people say it.
    static var objective: ConfigShape {
        let notation = "p, a percentage, < and a duration, over a duration: p99 < 2s over 30d, p99.9 < 500ms over 7d"
        let span = "[0-9]+(\(TimeSpan.suffixes.joined(separator: "|")))"
        return .scalar(
            name: "objective", notation: notation,
            schema: [
                "type": "string", "pattern": .string("^p[0-9]{1,2}(\\.[0-9]{1,4})? < \(span) over \(span)$"),
            ]
        ) { text, _ in
            guard let objective = Objective(parsing: text) else { return .malformed }
            guard Objective.shares.contains(objective.millionths) else {
                return .refused("asks for a share out of range: \(text)", expected: "p50 to p99.9999")
            }
            guard Objective.lags.contains(objective.lag) else {
                return .refused("has a lag out of range: \(text)", expected: "1ms to 1d")
            }
            guard Objective.periods.contains(objective.over) else {
                return .refused("is taken over a time out of range: \(text)", expected: "1h to 366d")
            }
            return .value(objective)
        }
    }
}

extension TimeSpan {
    public static let zero = TimeSpan(microseconds: 0)
    static let second = TimeSpan(microseconds: 1_000_000)
    static let hour = TimeSpan.seconds(3600)
    static let day = days(1)
    static let threeDays = days(3)
    static let longestWindow = days(366)
    /// Longer than any retention makes sense, and short enough that adding it to a time cannot overflow.
    static let tenYears = days(3660)

    private static func days(_ number: Int64) -> TimeSpan { TimeSpan(microseconds: number * 86_400_000_000) }
}
