// Bytes as hexadecimal text, and back.

package enum Hex {
    /// `0x0a1b`.
    package static func text(_ bytes: some Sequence<UInt8>) -> String { "0x" + digits(bytes) }

    /// `0a1b`.
    package static func digits(_ bytes: some Sequence<UInt8>) -> String {
        let alphabet = Array("0123456789abcdef")
        var text = ""
        for byte in bytes {
            text.append(alphabet[Int(byte >> 4)])
            text.append(alphabet[Int(byte & 15)])
        }
        return text
    }

    /// Nil unless the text is `0x` and pairs of digits.
    package static func bytes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("0x") else { return nil }
        var bytes: [UInt8] = []
        var high: Int?
        for character in text.dropFirst(2) {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            if let first = high {
                bytes.append(UInt8(first << 4 | digit))
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }
}
