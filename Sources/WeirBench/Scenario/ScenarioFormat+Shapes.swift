// The types of value that only scenario files have.

internal import WeirCore
internal import WeirKafka

extension ConfigShape where Value == String {
    static var line: ConfigShape {
        .text(name: "text", notation: "a line of text", pattern: ".{1,400}")
    }

    /// One that librdkafka knows and takes.
    static var setting: ConfigShape {
        let (notation, pattern) = ("name=value", "[a-z0-9._]+=.*")
        return .scalar(
            name: "setting", notation: notation, schema: ["type": "string", "pattern": .string("^\(pattern)$")]
        ) { text, _ in
            guard ConfigPattern.matches(text, pattern), let equals = text.firstIndex(of: "=") else {
                return .malformed
            }
            do throws(KafkaError) {
                try Kafka.check((String(text[..<equals]), String(text[text.index(after: equals)...])))
                return .value(text)
            } catch {
                return .refused(
                    "is not taken by librdkafka: '\(text)': \(error.message)",
                    expected: "a setting of its CONFIGURATION.md")
            }
        }
    }
}

extension ConfigShape where Value == Double {
    static func number(in range: ClosedRange<Double>) -> ConfigShape {
        let bounds = "\(JSONText.plain(range.lowerBound)) to \(JSONText.plain(range.upperBound))"
        return .scalar(
            name: "number", notation: "a number: 0.05, 1500", bounds: bounds,
            schema: [
                "type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
            ],
            render: { .number($0) },
            parse: { text, isQuoted in
                guard !isQuoted, let number = Double(text), number.isFinite else { return .malformed }
                return range.contains(number) ? .value(number) : .refused("is out of range: \(text)", expected: bounds)
            })
    }
}
