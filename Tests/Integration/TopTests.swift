// weir top against a real process: on a terminal, in a pipe, and when nobody answers.

import Foundation
import Testing
import WeirCore
import WeirPostgres
import WeirRuntime

struct TopTests {
    @Test func aJobIsWatchedUntilItGoesAway() throws {
        let rig = try Rig(partitions: 2)
        let worker = try rig.start("watched", more: ["--console", "127.0.0.1:0"])
        let console = try ConsoleClient(of: worker)
        try rig.produce(rig.options(events: 500))
        try rig.waitUntilProcessed()
        try waitUntil("its lag is told") { try console.get("/status.json")?.text.contains(/"p99":[0-9]/) == true }

        // In a pipe: once, as plain text, with PostgreSQL's answers, however wide.
        let once = try WeirProcess("top", console.address).wait(seconds: 120)
        #expect(once.status == 0, "\(once)")
        #expect(!once.output.contains("\u{1b}"))
        let name = rig.topology.name
        #expect(once.output.contains("process \(worker.processID), running, at "))
        #expect(once.output.contains("Partitions of \(name): 6 of 6 held here\n"))
        #expect(once.output.contains("Busiest organisations of \(name), last 24 hours\n"))
        #expect(!once.output.contains("PostgreSQL is being asked"))
        let lines = once.output.split(separator: "\n")
        #expect(lines.count { $0.contains(" running ") && $0.hasPrefix(rig.topology.sources[0].topic) } == 2)
        let overview = try #require(lines.first { $0.hasPrefix(name + " ") })
        #expect(overview.contains(rig.topology.objective.description))

        // On a terminal: drawn again, in the terminal's size, with colours.
        let top = try PseudoTerminal(columns: 100, rows: 20, ["top", "http://\(console.address)"])
        try waitUntil("the screen is there") { top.screen().contains("Partitions of") }
        #expect(top.text().hasPrefix("\u{1b}[?1049h\u{1b}[?25l"))
        #expect(top.text().contains("\u{1b}[32mrunning\u{1b}[0m"))
        #expect(!top.isAsShellsWantIt)
        let clock = try #require(top.screen().firstMatch(of: /at ([0-9:]+)/)).1
        try waitUntil("it is drawn again") { !top.screen().contains("at \(clock)") }
        func size(_ screen: String) -> (rows: Int, columns: Int) {
            let lines = screen.components(separatedBy: "\r\n")
            return (lines.count, lines.map(\.count).max() ?? 0)
        }
        #expect(size(top.screen()).rows <= 20)
        top.resize(columns: 50, rows: 12)
        try waitUntil("it fits the smaller terminal") {
            let (rows, columns) = size(top.screen())
            return rows <= 12 && columns <= 50
        }
        let plain = try PseudoTerminal(
            columns: 100, rows: 20, ["top", console.address], environment: ["NO_COLOR": "1"])
        try waitUntil("the screen without colours is there") { plain.screen().contains("Partitions of") }
        #expect(!plain.text().contains("\u{1b}[32m"))
        plain.type("q")
        try waitUntil("q ends it") { !plain.process.isRunning }
        #expect(plain.process.end == .status(0))

        // The process goes away: what is known stays, as old.
        top.resize(columns: 200, rows: 40)
        try rig.kill(worker)
        try waitUntil("the silence is told") {
            top.screen().contains(/No answer since [0-9:]{8}: .*connect.* is old\./)
        }
        #expect(top.screen().contains("Partitions of \(name)"))
        top.process.signal(SIGINT)
        try waitUntil("it ends") { !top.process.isRunning }
        #expect(top.process.end == .status(0))
        #expect(top.text().hasSuffix("\u{1b}[?25h\u{1b}[?1049l"))
        #expect(top.isAsShellsWantIt)

        // Nobody is there from the beginning.
        let late = try WeirProcess("top", "--once", console.address).wait(seconds: 120)
        #expect(late.status == 69)
        #expect(late.output.isEmpty)
        #expect(late.errors.contains("no console answers: http://\(console.address)/status.json: "))
        #expect(late.errors.contains("--console"))
    }

    /// A gateway before a real console wants a token or a password.
    @Test func whoIsAskedForATokenSendsIt() throws {
        let rig = try Rig(partitions: 1)
        let worker = try rig.start("guarded", more: ["--console", "127.0.0.1:0"])
        let console = try ConsoleClient(of: worker)
        let scratch = try ScratchFolder()
        let file = "\(scratch.path)/credentials"
        let basic = "Basic " + Data("ann:a:b".utf8).base64EncodedString()
        for (header, variables, line) in [
            ("Bearer s3cret", ["WEIR_CONSOLE_TOKEN": "s3cret"], "bearer s3cret\n"),
            (basic, ["WEIR_CONSOLE_USER": "ann", "WEIR_CONSOLE_PASSWORD": "a:b"], "ann:a:b\n"),
        ] {
            let gateway = try ConsoleGateway(before: console, header: header)
            func top(_ more: [String] = [], _ environment: [String: String] = [:]) throws -> WeirProcess.Outcome {
                try WeirProcess(["top", "--once", gateway.address] + more, environment: environment).wait(seconds: 120)
            }
            let given = try top([], variables)
            #expect(given.status == 0 && given.output.contains("process \(worker.processID), "), "\(given)")
            try line.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try top(["--credentials", file]).status == 0)
            // The screen's own thread asks with them, too.
            let screen = try PseudoTerminal(
                columns: 100, rows: 20, ["top", gateway.address], environment: variables)
            try waitUntil("the screen is there") { screen.screen().contains("Partitions of") }
            let clock = try #require(screen.screen().firstMatch(of: /at ([0-9:]+)/)).1
            try waitUntil("it is drawn again") { !screen.screen().contains("at \(clock)") }
            #expect(!screen.screen().contains("No answer since"))

            let none = try top()
            #expect(none.status == 69 && none.output.isEmpty, "\(none)")
            #expect(none.errors.contains("it answers 401") && none.errors.contains("WEIR_CONSOLE_TOKEN"), "\(none)")
            let wrong = try top([], ["WEIR_CONSOLE_TOKEN": "wr0ng"])
            #expect(wrong.status == 69 && !wrong.errors.contains("wr0ng"), "\(wrong)")
        }
        let missing = try WeirProcess("top", "--credentials", "/nowhere", console.address).wait(seconds: 120)
        #expect(missing.status == 64 && missing.errors.contains("--credentials /nowhere: the file cannot be read"))
        // Whoever gives a token on the command line is not understood.
        #expect(try WeirProcess("top", "--token", "s3cret", console.address).wait(seconds: 120).status == 64)
    }

    @Test func mistakesAreTold() throws {
        for arguments in [["--twice"], ["ftp://host/"], ["localhost"], ["http:///"], [":0"], ["a:1", "b:1"]] {
            let outcome = try WeirProcess(["top"] + arguments).wait(seconds: 120)
            #expect(outcome.status == 64, "\(arguments): \(outcome)")
        }
    }

    /// PostgreSQL itself refuses changes where somebody only looks.
    @Test func whoLooksAtDeadLettersCannotChangeThem() throws {
        let database = try TestDatabase.migrated()
        let store = try DeadLetterStore(database.connectionString, .reading)
        #expect {
            try store.purge(DeadLetterFilter(states: DeadLetterFilter.open), newest: .max)
        } throws: { "\($0)".contains("read-only transaction") }
        #expect {
            try store.release(DeadLetterFilter(states: DeadLetterFilter.open))
        } throws: { "\($0)".contains("read-only transaction") }
    }
}
