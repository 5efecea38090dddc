// What the console asks PostgreSQL, on a thread and connections of its own, and only while somebody looks.

import Synchronization
import WeirConsole
import WeirCore
import WeirKafka
import WeirPostgres
import WeirRuntime

/// A question takes two seconds at the most, and rests for twenty times as long as it took: at most a twentieth of one
/// session, however large the tables are. Partitions are a handful of rows, and asked for every second: that also tells
/// soon that PostgreSQL is away.
final class ConsoleDatabase: Sendable {
    private let connection: String
    private let state = Mutex<[String: DatabaseAnswers]>([:])
    private let waker = Waker()

    /// Milliseconds between looks at what is due, while somebody is there and while nobody is.
    private static let livelyStep: Int32 = 500
    private static let quietStep: Int32 = 5000
    /// Microseconds between the same question, at the least; and after one that took too long.
    private static let pause: Int64 = 5_000_000
    private static let partitionsPause: Int64 = 1_000_000
    private static let longPause: Int64 = 60_000_000

    init(_ connection: String) { self.connection = connection }

    /// By topology.
    var answers: [String: DatabaseAnswers] { state.withLock { $0 } }

    /// Starts a thread that ends with the process.
    func start(topologies: @escaping @Sendable () -> [Topology], isVisited: @escaping @Sendable () -> Bool) {
        NamedThread.start("weir-console-db") { [self] in
            var sessions: ConsoleSessions?
            var due: [Question: Int64] = [:]
            while true {
                let isVisited = isVisited()
                if isVisited {
                    for topology in topologies() { ask(about: topology, &sessions, &due) }
                } else {
                    sessions = nil
                }
                waker.wait(milliseconds: isVisited ? Self.livelyStep : Self.quietStep)
            }
        }
    }

    /// Somebody came.
    func wake() { waker.wake() }

    private struct Question: Hashable {
        let topology: String
        let kind: Kind

        enum Kind: CaseIterable { case partitions, deadLetters, usage }
    }

    private func ask(about topology: Topology, _ sessions: inout ConsoleSessions?, _ due: inout [Question: Int64]) {
        for kind in Question.Kind.allCases {
            let question = Question(topology: topology.name, kind: kind)
            let began = WallClock.monotonic()
            guard began >= due[question] ?? .min else { continue }
            do {
                let open = try sessions ?? ConsoleSessions(connection)
                sessions = open
                try put(kind, topology, open)
                let ended = WallClock.monotonic()
                due[question] =
                    ended + max(kind == .partitions ? Self.partitionsPause : Self.pause, 20 * (ended - began))
            } catch let error as PostgresError where error.isTimeout {
                fail(kind, topology.name, "it took longer than 2 s; tried again in a minute")
                due[question] = WallClock.monotonic() + Self.longPause
            } catch {
                // The other questions would wait in vain, too.
                sessions = nil
                // Without the prefix that says whose error it is: who reads it knows whom the console asks.
                let words = (error as? PostgresError)?.message ?? (error as? WeirError)?.message ?? "\(error)"
                for kind in Question.Kind.allCases {
                    fail(kind, topology.name, words)
                    due[Question(topology: topology.name, kind: kind)] = WallClock.monotonic() + Self.partitionsPause
                }
                return
            }
        }
    }

    private func put(_ kind: Question.Kind, _ topology: Topology, _ sessions: ConsoleSessions) throws {
        let name = topology.name
        switch kind {
        case .partitions:
            let partitions = try sessions.partitions(of: name)
            note(name) { $0.partitions.answer(partitions, at: WallClock.now()) }
        case .deadLetters:
            let letters = try sessions.deadLetters(of: name)
            note(name) { $0.deadLetters.answer(letters, at: WallClock.now()) }
        case .usage:
            let usage = try sessions.usage(of: topology)
            note(name) { $0.usage.answer(usage, at: WallClock.now()) }
        }
    }

    private func fail(_ kind: Question.Kind, _ name: String, _ problem: String) {
        let problem = Printable.shortened(Printable.text(problem), to: 300)
        note(name) { answers in
            switch kind {
            case .partitions: answers.partitions.fail(problem)
            case .deadLetters: answers.deadLetters.fail(problem)
            case .usage: answers.usage.fail(problem)
            }
        }
    }

    private func note(_ topology: String, _ change: (inout DatabaseAnswers) -> Void) {
        state.withLock { change(&$0[topology, default: DatabaseAnswers()]) }
    }
}
