// A worker's side of PostgreSQL: a thread with one connection that does what it is asked, one thing after another.

internal import Dispatch
internal import Foundation
internal import Synchronization
internal import WeirCore
internal import WeirKafka
internal import WeirPostgres

/// Requests go in, answers come out, and the worker's thread never waits for PostgreSQL. A batch is written
/// before a page of keys is read, so partitions that run are not held up by those that are restored.
///
/// After any error the session is dropped, and with it whatever was not committed; the next request
/// connects anew. Whether to try again is not decided here (`WorkerCore`).
final class Store: Sendable {
    enum Request: Sendable {
        case claim([TopicPartition], ticket: Int)
        case restore(RestoreOrder)
        case write(ticket: Int)
        case look(ticket: Int)
        case delete([Int64])
        case unpark([ParkedRow])
        case stop
    }

    enum Answer: Sendable {
        case claimed([Claim], ticket: Int)
        case claimFailed(StoreFailure, ticket: Int)
        case restored(RestoredPartition)
        case restoring(TopicPartition, RestoreProgress)
        case restoreFailed(StoreFailure, TopicPartition, epoch: Int64)
        case written(ticket: Int, windows: Int, outbox: [StoredMessages], parked: [ParkedRow], time: TransactionTime?)
        case unparked([ParkedRow], Result<[[HeldRecord]], StoreFailure>)
        case fenced(ticket: Int)
        case pending(ticket: Int)
        case failed(StoreFailure, ticket: Int)
        case deleted([Int64])
        case deleteFailed(StoreFailure)
    }

    private struct Queues {
        var requests: [Request] = []
        var answers: [Answer] = []
    }

    private let queues = Mutex(Queues())
    private let pending = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let waker: Waker

    init(waker: Waker) { self.waker = waker }

    func start(_ job: Job, slot: BatchSlot, owner: String) {
        NamedThread.start("weir-store", stackSize: 8 << 20) { [self] in
            let desk = StoreDesk(job: job, slot: slot, owner: owner)
            while true {
                pending.wait()
                guard let request = next() else { continue }
                if case .stop = request { break }
                desk.serve(request, ask: { self.send($0) }, answer: { self.answer($0) })
            }
            finished.signal()
        }
    }

    // MARK: The worker's side

    func send(_ request: Request) {
        queues.withLock { $0.requests.append(request) }
        pending.signal()
    }

    /// What has been answered since this was last asked.
    func takeAnswers() -> [Answer] {
        queues.withLock { queues in
            guard !queues.answers.isEmpty else { return [] }
            defer { queues.answers = [] }
            return queues.answers
        }
    }

    /// Ends the thread when it has done what it is doing, and waits for that.
    ///
    /// - Returns: false if it still waits for PostgreSQL after that time.
    func stop(microseconds: Int64) -> Bool {
        queues.withLock { $0.requests = [.stop] }
        pending.signal()
        return finished.wait(timeout: .now() + .microseconds(Int(microseconds))) == .success
    }

    // MARK: The thread's side

    private func next() -> Request? {
        queues.withLock { queues in
            let urgent = queues.requests.firstIndex { if case .restore = $0 { false } else { true } }
            guard let index = urgent ?? queues.requests.indices.first else { return nil }
            return queues.requests.remove(at: index)
        }
    }

    private func answer(_ answer: Answer) {
        queues.withLock { $0.answers.append(answer) }
        waker.wake()
    }
}
