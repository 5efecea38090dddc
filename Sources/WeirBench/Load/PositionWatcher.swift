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
    }

    let state: Mutex<State>
    private let isStopping = Atomic(false)
    private let hasEnded = Atomic(false)

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

    /// Waits for the last look.
    func end() {
        isStopping.store(true, ordering: .relaxed)
        while !hasEnded.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.001) }
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
        note(notes()) { $0.book.look([:], at: MonotonicClock.now() - start, isFinal: true) }
    }

    private func note(_ notes: [DeliveryNote], _ body: (inout State) -> Void) {
        state.withLock { state in
            state.book.take(notes)
            body(&state)
        }
    }
}
