// Whose page may read the console.

import Testing
import WeirConsole

struct HostCheckTests {
    private let check = HostCheck(names: ["Console.example.org"])

    @Test(arguments: [
        "localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "10.2.3.4", "[::1]:8080", "[fe80::1]",
        "console.example.org", "console.EXAMPLE.org:443",
    ])
    func itIsMeant(host: String) { #expect(check.allows(host)) }

    /// A stranger's name may have this machine's address for a second.
    @Test(arguments: [
        "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3", "1.2.3.256",
        "", ":8080", "localhost:x", "localhost:99999", "localhost, evil.example", "[evil]", "[::1", "[::1]x",
        "console.example.org.evil.example", "+1.2.3.4", "localhost:+1",
    ])
    func itIsNot(host: String) { #expect(!check.allows(host)) }

    @Test func nobodyIsNamed() { #expect(!check.allows(nil)) }
}
