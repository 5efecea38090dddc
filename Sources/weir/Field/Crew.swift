// The workers of a campaign or a benchmark: each has a place, and whatever happens to it, somebody takes that place again.

import Foundation
import WeirBench
import WeirCore

/// Used by one thread, which calls `tick` every now and then.
final class Crew {
    enum Place {
        case running
        case frozen(until: Double)
        /// SIGTERM was sent; once it has gone it is down for so many seconds.
        case leaving(since: Double, pause: Double)
        case down(until: Double)
    }

    /// A worker that ended without having been told to.
    struct Desertion: Codable {
        var at: Double
        var worker: String
        var end: String
        /// It only found no database to start with, as any service manager would see.
        var isExcused: Bool
        var lastWords: String
    }

    private(set) var places: [Place] = []
    private(set) var workers: [FieldWorker] = []
    /// When each began or went on.
    private(set) var since: [ContinuousClock.Instant] = []
    private(set) var desertions: [Desertion] = []
    /// Ends after SIGTERM that were not with exit code 0.
    private(set) var unclean: [String] = []
    /// Ends that nobody wanted, in words.
    var crashes: [String] {
        desertions.filter { !$0.isExcused }.map {
            "\($0.worker) ended by itself with \($0.end), \($0.at.rounded(to: 1)) s after the start: "
                + ($0.lastWords.split(separator: "\n").last.map(String.init) ?? "it said nothing")
        } + unclean
    }
    private let field: Field
    private let session: TimeSpan
    private var starts = 0
    private var isDismissed = false

    init(field: Field, session: TimeSpan, count: Int) throws {
        self.field = field
        self.session = session
        for index in 0..<count {
            workers.append(try launch(index))
            places.append(.running)
            since.append(.now)
        }
    }

    /// Every second one is a static member of the group, the others are new members each time.
    static func instance(_ index: Int, _ purpose: String) -> String? {
        index % 2 == 0 ? nil : "\(purpose)-\(index + 1)"
    }

    private func launch(_ index: Int) throws -> FieldWorker {
        starts += 1
        return try field.startWorker(
            name: "worker \(index + 1)", instance: Self.instance(index, field.plan.purpose),
            sessionTimeout: session, log: "worker-\(index + 1)-start-\(starts)")
    }

    var areAllRunning: Bool {
        places.allSatisfy {
            guard case .running = $0 else { return false }
            return true
        }
    }

    /// Places with a running worker.
    var present: [Int] {
        places.indices.filter {
            guard case .running = places[$0] else { return false }
            return workers[$0].isRunning
        }
    }

    /// Whether the workers say that they share all partitions, each as far as it has spoken since `time` and since it
    /// began. As long as there are enough, no worker is without: one that waits for the group for ever is no worker.
    func shareAll(since time: ContinuousClock.Instant) -> Bool {
        var sum = 0
        for (worker, began) in zip(workers, since) {
            guard let report = worker.report(since: max(time, began)) else { return false }
            if report.partitions == 0, needsAll { return false }
            sum += report.partitions
        }
        return sum == field.sourcePartitions
    }

    /// Weir's own assignor gives everybody something; others may not.
    private var needsAll: Bool {
        workers.count <= field.sourcePartitions
            && !field.plan.kafka.settings.contains { $0.hasPrefix("partition.assignment.strategy") }
    }

    // MARK: What happens to them

    func kill(_ index: Int, at now: Double, pause: Double) {
        workers[index].signal(SIGKILL)
        places[index] = .down(until: now + pause)
    }

    func freeze(_ index: Int, at now: Double, seconds: Double) {
        workers[index].signal(SIGSTOP)
        places[index] = .frozen(until: now + seconds)
    }

    func restart(_ index: Int, at now: Double, pause: Double) {
        workers[index].signal(SIGTERM)
        places[index] = .leaving(since: now, pause: pause)
    }

    func tick(_ now: Double) throws {
        for index in places.indices {
            switch places[index] {
            case .running:
                if let end = workers[index].end { desert(index, end, now) }
            case .frozen(let until) where now >= until:
                workers[index].signal(SIGCONT)
                since[index] = .now
                places[index] = .running
            case .leaving(let began, let pause):
                if let end = workers[index].end {
                    if end != .status(0) { unclean.append("\(workers[index].name): \(end) after SIGTERM") }
                    places[index] = .down(until: now + pause)
                } else if now - began > Self.longestGoodbye {
                    unclean.append("\(workers[index].name): still there \(Int(Self.longestGoodbye)) s after SIGTERM")
                    kill(index, at: now, pause: pause)
                }
            case .down(let until) where now >= until && !workers[index].isRunning:
                workers[index] = try launch(index)
                since[index] = .now
                places[index] = .running
            case .frozen, .down:
                break
            }
        }
    }

    private static let longestGoodbye = 60.0

    private func desert(_ index: Int, _ end: ChildProcess.End, _ now: Double) {
        let words = workers[index].lastWords
        // `weir run` needs the database to start, and says so with this code.
        let isExcused = end == .status(ExitStatus.unavailable.rawValue) && !words.contains(" starting ")
        desertions.append(
            Desertion(
                at: now, worker: workers[index].name, end: end.description, isExcused: isExcused, lastWords: words))
        places[index] = .down(until: now + 1)
    }

    /// SIGTERM to all, and their ends; those that do not go are killed. Does nothing the second time.
    func dismiss() {
        guard !isDismissed else { return }
        isDismissed = true
        for (worker, place) in zip(workers, places) {
            // One that is leaving has been asked.
            if case .leaving = place { continue }
            worker.askToStop()
        }
        for worker in workers {
            let end = worker.waitForEnd(seconds: 30)
            if end != .status(0) {
                unclean.append("\(worker.name): \(end?.description ?? "still there 30 s after SIGTERM") at the end")
            }
        }
    }
}
