// The commit protocol's table: every state with every event.

import Testing
import WeirRuntime

@Suite struct CommitStateTests {
    private static let writing = CommitState.writing
    private static let looking = CommitState.looking
    private static let waiting = CommitState.waiting(until: 100)

    @Test(
        arguments: [
            (writing, .committed, .done, writing),
            (writing, .fenced, .fenced, writing),
            (writing, .pending, .none, writing),
            (writing, .failed(retryAt: 100), .none, waiting),
            (writing, .time(1000), .none, writing),

            (looking, .committed, .done, looking),
            (looking, .fenced, .fenced, looking),
            (looking, .pending, .write, writing),
            (looking, .failed(retryAt: 100), .none, waiting),
            (looking, .time(1000), .none, looking),

            // An answer that comes so late belongs to no request any more.
            (waiting, .committed, .none, waiting),
            (waiting, .fenced, .none, waiting),
            (waiting, .pending, .none, waiting),
            (waiting, .failed(retryAt: 7), .none, waiting),
            (waiting, .time(99), .none, waiting),
            (waiting, .time(100), .look, looking),
            (waiting, .time(.max), .look, looking),
        ] as [(CommitState, CommitState.Event, CommitState.Step, CommitState)])
    func takes(state: CommitState, event: CommitState.Event, step: CommitState.Step, next: CommitState) {
        var state = state
        let taken = state.take(event)
        #expect(taken == step)
        #expect(state == next)
    }
}
