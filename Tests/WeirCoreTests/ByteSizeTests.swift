// Numbers of bytes and their written form.

import Testing
import WeirCore

@Suite struct ByteSizeTests {
    @Test(arguments: [("0B", 0), ("512B", 512), ("64KiB", 65_536), ("64MiB", 64 << 20), ("2GiB", 2 << 30)])
    func reads(text: String, bytes: Int) {
        #expect(ByteSize(parsing: text)?.bytes == bytes)
        #expect(ByteSize(bytes: bytes).description == text)
    }

    @Test(arguments: ["", "5", "MiB", "-1B", "5 MiB", "5MB", "5mib", "1.5GiB", "9223372036854775807KiB"])
    func refuses(text: String) {
        #expect(ByteSize(parsing: text) == nil)
    }
}
