// Bytes as hexadecimal and as text side by side, like `hexdump -C`.

package enum HexDump {
    /// One line for every 16 bytes.
    package static func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.endIndex)]
            func column(_ part: ArraySlice<UInt8>) -> String {
                part.map { pad(String($0, radix: 16), 2) }.joined(separator: " ")
            }
            let hex = column(line.prefix(8)) + "  " + column(line.dropFirst(8))
            let text = line.map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "." }
            return pad(String(start, radix: 16), 6) + "  " + hex.padding(to: 49) + "  " + String(text)
        }
    }

    private static func pad(_ digits: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension String {
    /// With spaces after it up to a width; what is longer stays as it is.
    package func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
