// Looks at positions every few milliseconds, beside the system under test.

internal import Foundation
internal import Histogram
internal import Synchronization
internal import WeirKafka

/// A record's effect counts as seen when the answer that covers it is here: late by the time between the last look's
/// question and this answer at the most, never early. That bound is measured, too.
final class PositionWatcher: Sendable {
    struct State: Sendable {
        var book: LagBook
        /// Nanoseconds from a look's question to the next one's answer.
        var resolution = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var looks = 0
        var failures = 0
        var lastError: String?
        /// Nothing is noted any more.
        fileprivate var isClosed = false
    }

    let state: Mutex<State>
    private let isStopping = Atomic(false)
    private let hasEnded = Atomic(false)
    /// Seconds that the last look may take: a server that stands still answers none.
    private static let longestEnd = 2.0

    init(book: LagBook) { state = Mutex(State(book: book)) }

    /// - Parameters:
    ///   - notes: the records delivered since it was asked last.
    ///   - start: moments are counted from here.
    ///   - interval: nanoseconds between two looks.
    func begin(
        open: @escaping PositionSourceOpener, notes: @escaping @Sendable () -> [DeliveryNote], start: Int64,
        interval: Int64
    ) {
        let thread = Thread { [self] in
            _ = MonotonicClock.raiseThread()
            watch(open, notes, start, interval)
            hasEnded.store(true, ordering: .releasing)
        }
        thread.start()
    }

    /// Waits for the last look, but not for a server that does not answer: what it says later is not heard.
    func end() {
        isStopping.store(true, ordering: .relaxed)
        let deadline = MonotonicClock.now() + Int64(Self.longestEnd * 1e9)
        while !hasEnded.load(ordering: .acquiring), MonotonicClock.now() < deadline {
            Thread.sleep(forTimeInterval: 0.001)
        }
        state.withLock { state in
            if !state.isClosed { state.book.look([:], at: 0, isFinal: true) }
            state.isClosed = true
        }
    }

    private func watch(
        _ open: PositionSourceOpener, _ notes: () -> [DeliveryNote], _ start: Int64, _ interval: Int64
    ) {
        var source: (any PositionSource)?
        var lastQuestion: Int64?
        while !isStopping.load(ordering: .relaxed) {
            let question = MonotonicClock.now()
            do {
                let asked = try source ?? open()
                source = asked
                let positions = try asked.positions()
                let answer = MonotonicClock.now()
                note(notes()) { state in
                    state.book.look(positions, at: answer - start)
                    state.looks += 1
                    if let lastQuestion { state.resolution.record(UInt64(answer - lastQuestion)) }
                }
                lastQuestion = question
            } catch {
                source = nil
                note(notes()) { state in
                    state.failures += 1
                    state.lastError = "\(error)"
                }
                Thread.sleep(forTimeInterval: 0.05)
            }
            MonotonicClock.sleep(until: question + interval)
        }
        note(notes()) { state in
            state.book.look([:], at: MonotonicClock.now() - start, isFinal: true)
            state.isClosed = true
        }
    }

    private func note(_ notes: [DeliveryNote], _ body: (inout State) -> Void) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.book.take(notes)
            body(&state)
        }
    }
}
