// Asks what schemas are, on a thread of its own: a registry that does not answer holds up nothing else.

internal import Foundation
internal import Synchronization
internal import WeirAvro
internal import WeirKafka

final class SchemaAsker: Sendable {
    private let source: any SchemaSource
    private let waker: Waker
    private let answers = Mutex<[SchemaAnswer]>([])

    init(source: any SchemaSource, waker: Waker) {
        self.source = source
        self.waker = waker
    }

    func ask(_ names: [WireSchema]) {
        Thread { [self] in
            let answer = source.ask(names)
            answers.withLock { $0.append(answer) }
            waker.wake()
        }.start()
    }

    func takeAnswers() -> [SchemaAnswer] {
        answers.withLock { answers in
            guard !answers.isEmpty else { return [] }
            defer { answers = [] }
            return answers
        }
    }
}
