// The live screen of `weir top`: one thread asks, one draws.

import Foundation
import Synchronization
import WeirConsole
import WeirCore
import WeirRuntime

/// Drawing never waits for the process that is looked at, so a screen tells at once that nobody answers, and Ctrl-C
/// always ends it.
struct TopScreen {
    private final class Latest: Sendable {
        struct State {
            var document: StatusDocument
            /// When it came, microseconds since 1970.
            var heardAt: Int64
            /// Why there is no newer one.
            var problem: String?
        }

        let state: Mutex<State>

        init(_ document: StatusDocument) {
            state = Mutex(State(document: document, heardAt: WallClock.now(), problem: nil))
        }
    }

    private let url: String
    private let latest: Latest

    /// A process that does not answer for so long is told of, in microseconds: longer than one request may take.
    private static let patience: Int64 = 2_500_000

    init(source: StatusSource, first: StatusDocument) {
        url = source.url
        latest = Latest(first)
        let (url, credentials, latest) = (url, source.credentials, latest)
        // Ends with the process.
        NamedThread.start("weir-top") {
            let source = StatusSource(url, credentials)
            while true {
                do throws(WeirError) {
                    let document = try source.ask()
                    latest.state.withLock { $0 = .init(document: document, heardAt: WallClock.now(), problem: nil) }
                } catch {
                    latest.state.withLock { $0.problem = error.message }
                }
                Thread.sleep(forTimeInterval: 1)
            }
        }
    }

    /// Until SIGINT, SIGTERM or the key q.
    func run() {
        let screen = TerminalScreen()
        defer { screen.leave() }
        var shown: [String] = []
        var columns: Int?
        repeat {
            let size = TerminalScreen.size
            let lines = lines(size?.columns, size?.rows)
            // A terminal that was made wider or narrower has moved what stood there.
            if lines != shown || size?.columns != columns { screen.show(lines) }
            shown = lines
            columns = size?.columns
        } while !screen.takeKeys().contains(UInt8(ascii: "q")) && Signals.wait(milliseconds: 200) == nil
    }

    private func lines(_ columns: Int?, _ rows: Int?) -> [String] {
        let latest = latest.state.withLock { $0 }
        var silence: TerminalPage.Silence?
        if latest.problem != nil || WallClock.now() - latest.heardAt > Self.patience {
            silence = TerminalPage.Silence(
                since: .time(latest.heardAt), problem: latest.problem ?? "it takes long to answer")
        }
        let page = TerminalPage(
            latest.document, from: url, silence: silence, offset: TimeZone.current.secondsFromGMT())
        return page.lines(width: columns, height: rows).map { $0.text(inColour: TerminalScreen.hasColour) }
    }
}
