// weir top: what the console's page shows, in a terminal.

import ArgumentParser
import Foundation
import WeirConsole
import WeirCore
import WeirRuntime

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch a running process in the terminal: rates, lag, budget, partitions, dead letters, usage.",
        discussion: """
            Reads /status.json of a `weir run … --console` once a second until Ctrl-C or q. Where standard output is no \
            terminal, and with --once, it prints everything once and ends. No data is a dash, never 0.

            Colour marks what misses the objective; NO_COLOR=1 turns it off.

            Examples:
              weir top
              weir top worker-3:8080
              WEIR_CONSOLE_TOKEN=… weir top https://weir.example.org/billing/ --once
            """)

    @Argument(help: ArgumentHelp("Where the console is.", valueName: "URL|host:port"))
    var address = "http://127.0.0.1:8080/"

    @Flag(help: "Print everything once, and end.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "File with `user:password` or `bearer TOKEN` for a proxy before the console. Without it: "
                + "$WEIR_CONSOLE_USER and $WEIR_CONSOLE_PASSWORD, or $WEIR_CONSOLE_TOKEN.", valueName: "file"))
    var credentials: String?

    func validate() throws {
        guard StatusSource.url(address) != nil else {
            throw ValidationError("'\(address)' is no address: give http://host:port/, https://…, host:port or :port")
        }
    }

    func run() throws {
        guard let url = StatusSource.url(address) else { return }
        let source = StatusSource(
            url, try CredentialOptions.read(file: credentials, option: "--credentials", prefix: "WEIR_CONSOLE"))
        guard !once, TerminalScreen.isPossible else { return try printOnce(source) }
        Signals.block()
        let first = try source.ask()
        TopScreen(source: source, first: first).run()
    }

    // MARK: Once

    /// PostgreSQL is asked only while somebody looks, so its answers may come a little later.
    private func printOnce(_ source: StatusSource) throws {
        let deadline = ContinuousClock.now + .seconds(6)
        var document = try source.ask()
        while !document.hasNewAnswers, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.3)
            document = try source.ask()
        }
        let page = TerminalPage(
            document, from: source.url, silence: nil, offset: TimeZone.current.secondsFromGMT())
        for line in page.lines(width: TerminalScreen.size?.columns, height: nil) {
            say(line.text(inColour: TerminalScreen.hasColour))
        }
    }
}

extension StatusDocument {
    /// Whether PostgreSQL has been asked lately for all that is shown, or could not be.
    fileprivate var hasNewAnswers: Bool {
        func isNew<Value>(_ answer: Answer<Value>) -> Bool {
            answer.problem != nil || answer.seenAt.map { time - $0 < 15 } == true
        }
        return topologies.allSatisfy { isNew($0.partitionsOfOthers) && isNew($0.deadLetters) && isNew($0.usage) }
    }
}
