// The web console of a running process: its page, what the page is told, and how often.

import Foundation
import Synchronization
import WeirAvro
import WeirConsole
import WeirCore
import WeirHTTP
import WeirKafka
import WeirObserve
import WeirRuntime

/// Reads, and changes nothing. A thread looks at the workers every few seconds, so that there are lines over time when
/// somebody comes; PostgreSQL is asked only while somebody is there.
final class Console: Sendable {
    private struct State {
        var histories: [String: TopologyHistory] = [:]
        var others: [String: OtherPartitions] = [:]
        var document = ""
        /// Rises with each document.
        var number = 0
        /// When the workers were last looked at, and when the document was written; on the monotonic clock.
        var lookedAt: Int64
        var writtenAt = Int64.min
        /// When somebody was here last, on the monotonic clock.
        var visitedAt = Int64.min
        var streams = 0
    }

    private let state = Mutex(State(lookedAt: WallClock.monotonic()))
    private let observatory: Observatory
    private let database: ConsoleDatabase
    private let letters: DeadLetterDesk
    private let hosts: HostCheck
    private let speaker: StatusDocument.Speaker
    private let waker = Waker()

    /// Microseconds between looks at the workers while somebody is there, and while nobody is.
    private static let livelyStep: Int64 = 1_000_000
    private static let quietStep: Int64 = 5_000_000
    /// Somebody who asks by hand is taken to be there for so long.
    private static let visit: Int64 = 15_000_000
    private static let mostStreams = 16

    /// - Parameters:
    ///   - hosts: names that browsers may call the console by, besides `localhost`, addresses and the machine's own.
    ///   - letters: decodes dead letters.
    init(_ observatory: Observatory, postgres: String, hosts: [String], letters: DeadLetterDesk) {
        self.observatory = observatory
        self.letters = letters
        database = ConsoleDatabase(postgres)
        let host = ProcessInfo.processInfo.hostName
        self.hosts = HostCheck(names: hosts + [host])
        speaker = StatusDocument.Speaker(
            version: weirVersion, host: host, processID: ProcessInfo.processInfo.processIdentifier)
    }

    /// Two threads that end with the process.
    func start() {
        NamedThread.start("weir-console") { [self] in
            while true {
                let isVisited = isVisited
                if isVisited {
                    write(unlessYoungerThan: Self.livelyStep - 100_000)
                } else {
                    state.withLock { state in
                        if WallClock.monotonic() - state.lookedAt > Self.quietStep - 100_000 { _ = look(&state) }
                    }
                }
                waker.wait(milliseconds: Int32((isVisited ? Self.livelyStep : Self.quietStep) / 1000))
            }
        }
        database.start(
            topologies: { [observatory] in observatory.process.topologies.map(\.topology) },
            isVisited: { [self] in isVisited })
    }

    private var isVisited: Bool {
        state.withLock { $0.streams > 0 || $0.visitedAt > WallClock.monotonic() - Self.visit }
    }

    /// Who comes first wakes the threads that rest while nobody is there.
    private func noteVisit(_ note: @Sendable (inout State) -> Void) {
        let isFirst = !isVisited
        state.withLock { note(&$0) }
        guard isFirst else { return }
        waker.wake()
        database.wake()
    }

    /// Looks at the workers.
    private func look(_ state: inout State) -> ProcessState {
        let process = observatory.process
        let (now, monotonic) = (WallClock.now(), WallClock.monotonic())
        let answers = database.answers
        for topology in process.topologies {
            // One that is new did not run at the last look.
            state.histories[topology.name, default: TopologyHistory(since: state.lookedAt)].note(
                topology, now: now, monotonic: monotonic)
            state.others[topology.name, default: OtherPartitions()].note(
                answers[topology.name]?.partitions ?? DatabaseAnswer(), ends: topology.endsElsewhere,
                monotonic: monotonic)
        }
        state.lookedAt = monotonic
        return process
    }

    /// Looks at the workers and writes the document anew.
    private func write(unlessYoungerThan age: Int64) {
        state.withLock { state in
            let monotonic = WallClock.monotonic()
            guard state.writtenAt <= monotonic - age else { return }
            state.writtenAt = monotonic
            let process = look(&state)
            do {
                state.document = try StatusDocument(
                    process, by: speaker, histories: state.histories, answers: database.answers,
                    others: state.others, at: WallClock.now()
                ).text()
                state.number += 1
            } catch {
                // Who looks is told that nothing new came.
                complain("weir: the console's status cannot be written: \(error)")
            }
        }
    }

    // MARK: Answers

    /// Nil for what is not the console's.
    func answer(_ request: HTTPRequest) -> HTTPResponse? {
        guard let route = Route(request.path) else { return nil }
        guard hosts.allows(request.headers["host"]) else {
            return plain(
                421,
                "this console is not called \(request.headers["host"] ?? "nothing"); --console-host NAME allows a name")
        }
        guard request.method == "GET" || request.method == "HEAD" else { return plain(405, "only GET and HEAD") }
        switch route {
        case .file(let file): return respond(200, file.type, file.bytes)
        case .status:
            noteVisit { $0.visitedAt = WallClock.monotonic() }
            write(unlessYoungerThan: Self.livelyStep / 2)
            return respond(200, Self.json, Array(state.withLock { $0.document }.utf8))
        case .events: return events(request)
        case .letter(let id):
            let answer = letters.show(id)
            return respond(answer.status, Self.json, Array(answer.body.compact.utf8))
        }
    }

    private enum Route {
        case file(ConsoleFile)
        case status
        case events
        case letter(Int64)

        init?(_ path: [String]) {
            if path.count == 2, path[0] == "dead-letters", let id = Int64(path[1]) {
                self = .letter(id)
            } else if path == ["status.json"] {
                self = .status
            } else if path == ["events"] {
                self = .events
            } else if path.count < 2, let file = ConsoleFile.named(path.first ?? "") {
                self = .file(file)
            } else {
                return nil
            }
        }
    }

    /// The document whenever there is a new one, as server-sent events.
    private func events(_ request: HTTPRequest) -> HTTPResponse {
        let headers = ConsoleFile.headers + [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")]
        if request.method == "HEAD" { return HTTPResponse(status: 200, headers: headers, body: .bytes([])) }
        guard state.withLock({ $0.streams }) < Self.mostStreams else {
            return plain(503, "\(Self.mostStreams) pages are open already")
        }
        // The last document may be from the last visit.
        write(unlessYoungerThan: Self.livelyStep)
        return HTTPResponse(
            status: 200, headers: headers,
            body: .stream { [self] writer in
                noteVisit { $0.streams += 1 }
                defer { state.withLock { $0.streams -= 1 } }
                var told = 0
                while true {
                    let (number, document) = state.withLock { ($0.number, $0.document) }
                    if number != told {
                        told = number
                        try await writer.write("data: \(document)\n\n")
                    }
                    try await Task.sleep(for: .milliseconds(200))
                }
            })
    }

    private func plain(_ status: Int, _ words: String) -> HTTPResponse {
        respond(status, "text/plain; charset=utf-8", Array((words + "\n").utf8))
    }

    private func respond(_ status: Int, _ type: String, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: ConsoleFile.headers + [("Content-Type", type)], body: .bytes(bytes))
    }

    private static let json = "application/json"
}
