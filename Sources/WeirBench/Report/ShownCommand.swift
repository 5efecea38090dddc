// A command line as a report may show it: to be repeated by whoever reads it, without what is nobody's business.

public enum ShownCommand {
    /// Words that the name of a librdkafka setting has if its value is a secret (librdkafka's CONFIGURATION.md).
    private static let secrets = ["password", "secret", "pem", "oauthbearer.config"]

    /// The arguments as a shell takes them, passwords and keys left out.
    public static func words(_ arguments: [String]) -> String {
        arguments.map { quoted(connection(setting($0))) }.joined(separator: " ")
    }

    /// `sasl.password=…` for `sasl.password=x`; what is no secret stays.
    public static func setting(_ text: String) -> String {
        guard let match = text.wholeMatch(of: /((?:--kafka=)?([a-z]+\.[a-z.]+)=).+/) else { return text }
        return secrets.contains { match.2.contains($0) } ? "\(match.1)…" : text
    }

    /// A libpq connection string, in either form, without its passwords.
    private static func connection(_ text: String) -> String {
        text.replacing(/((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s'&]+)/) { "\($0.1)…" }
            .replacing(/(postgres(?:ql)?:\/\/[^:\/@\s]*):[^@]*@/) { "\($0.1):…@" }
    }

    private static func quoted(_ word: String) -> String {
        if word.wholeMatch(of: /[A-Za-z0-9_.,:=@%+\/…-]+/) != nil { return word }
        return "'\(word.replacing("'", with: "'\\''"))'"
    }
}
