// JSON text of names and strings, the little that Weir writes by hand.

package enum JSONText {
    /// `{"name":"value",…}` in the order given.
    package static func object(_ pairs: [(name: String, value: String)]) -> String {
        "{" + pairs.map { string($0.name) + ":" + string($0.value) }.joined(separator: ",") + "}"
    }

    package static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
