// The values read from one group of fields, fetched with the options that declared them.

package struct ConfigFields: Sendable {
    /// Where the group begins.
    package let position: ConfigPosition
    /// Absent: not in the file. Nil inside: in the file, but wrong and already reported.
    private var values: [String: Placed<any Sendable>?] = [:]

    init(position: ConfigPosition) { self.position = position }

    mutating func set(_ name: String, _ value: Placed<any Sendable>?) { values.updateValue(value, forKey: name) }

    /// The value and where it stands. A default stands where the group begins. Nil if the field was
    /// wrong, or left out without a default.
    package func placed<Value>(_ option: ConfigOption<Value>) -> Placed<Value>? {
        guard let given = values[option.name] else {
            return option.defaultValue.map { Placed($0, at: position) }
        }
        guard let given else { return nil }
        guard let value = given.value as? Value else {
            preconditionFailure("\(option.name) is not an option of this group")
        }
        return Placed(value, at: given.position)
    }

    package subscript<Value>(_ option: ConfigOption<Value>) -> Value? { placed(option)?.value }

    /// True if the file has the field, right or wrong.
    package func isGiven(_ option: any AnyConfigOption) -> Bool { values[option.name] != nil }

    /// Where the field's value stands in the file; nil if it is not there, or wrong and already reported.
    package func givenPosition(_ option: any AnyConfigOption) -> ConfigPosition? { values[option.name]??.position }
}
