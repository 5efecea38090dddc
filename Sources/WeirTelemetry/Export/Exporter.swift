// The thread that sends one signal: spans, log lines or metrics.

internal import Dispatch
internal import Foundation
internal import Logging
internal import Synchronization
internal import WeirCore
internal import WeirObserve

/// Sends what the queue holds, in requests of a bounded size, one after another. Whoever fills the queue never waits.
final class Exporter<Item: Sendable>: Sendable {
    /// Of one request.
    static var mostItems: Int { 512 }

    let signal: String
    let queue: ExportQueue<Item>
    private let pace: ExportPace
    private let encode: @Sendable (ArraySlice<Item>) -> [UInt8]
    /// What is made only when it is due.
    private let due: @Sendable () -> [Item]
    /// How many things an item is, for the counts.
    private let size: @Sendable (Item) -> Int
    /// Not one that ends up here again.
    private let logger: Logger
    private let stopping = Atomic(false)
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(
        signal: String, capacity: Int, pace: ExportPace, logger: Logger,
        due: @escaping @Sendable () -> [Item] = { [] }, size: @escaping @Sendable (Item) -> Int = { _ in 1 },
        encode: @escaping @Sendable (ArraySlice<Item>) -> [UInt8]
    ) {
        self.signal = signal
        self.pace = pace
        self.logger = logger
        self.due = due
        self.size = size
        self.encode = encode
        queue = ExportQueue(capacity: capacity)
    }

    func start(_ settings: OTLPSettings) {
        NamedThread.start("weir-\(signal)") { [self] in
            run(OTLPClient(settings, path: "/v1/\(signal)"))
            ended.signal()
        }
    }

    /// Makes it send what is left, with one try for each request, and end.
    func stop() {
        stopping.store(true, ordering: .releasing)
        wake.signal()
    }

    /// False if it is still busy by then.
    func wait(until deadline: DispatchTime) -> Bool { ended.wait(timeout: deadline) == .success }

    // MARK: The thread

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func run(_ client: OTLPClient) {
        var isTroubled = false
        while true {
            let isLast = isStopping
            let items = queue.takeAll() + due()
            for start in stride(from: 0, to: items.count, by: Self.mostItems) {
                send(items[start..<min(start + Self.mostItems, items.count)], client, &isTroubled)
            }
            if isLast { return }
            if !isStopping { _ = wake.wait(timeout: .now() + .microseconds(Int(pace.every))) }
        }
    }

    private func send(_ items: ArraySlice<Item>, _ client: OTLPClient, _ isTroubled: inout Bool) {
        let body = encode(items)
        let count = items.reduce(0) { $0 + Int64(size($1)) }
        let begun = DispatchTime.now()
        var attempt = 0
        while true {
            let outcome = client.post(body, timeout: isStopping ? 1_000 : pace.requestTimeout)
            attempt += 1
            switch outcome {
            case .taken:
                queue.count { $0.sent += count }
                if isTroubled { logger.info("the collector takes telemetry again", metadata: ["signal": "\(signal)"]) }
                isTroubled = false
                return
            case .refused(let words):
                queue.count { $0.refused += count }
                complain("the collector refuses telemetry, which is dropped", words, &isTroubled)
                return
            case .later(let words, let seconds):
                complain("the collector does not take telemetry, which waits and then is dropped", words, &isTroubled)
                let elapsed = Int64((DispatchTime.now().uptimeNanoseconds - begun.uptimeNanoseconds) / 1000)
                guard !isStopping, elapsed < pace.giveUpAfter else { return queue.count { $0.givenUp += count } }
                let delay = pace.delay(attempt: attempt, asked: seconds, spread: .random(in: 0...1))
                _ = wake.wait(timeout: .now() + .microseconds(Int(delay)))
            }
        }
    }

    /// Once for each time of trouble: the log is for people.
    private func complain(_ message: Logger.Message, _ words: String, _ isTroubled: inout Bool) {
        guard !isTroubled else { return }
        isTroubled = true
        logger.warning(message, metadata: ["signal": "\(signal)", "error": "\(words)"])
    }
}
