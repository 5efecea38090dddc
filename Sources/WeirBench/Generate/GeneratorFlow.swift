// How a run is held back, stopped and watched from outside.

/// Questions that a run asks every millisecond or so, on its own thread.
public struct GeneratorFlow {
    /// While it says yes, nothing is sent.
    public var shouldPause: () -> Bool
    /// Once it says yes, the run ends; the expectation is of what was made so far.
    public var shouldStop: () -> Bool
    /// Called before each question and while there is nothing to do: to take in delivery reports, to show progress.
    public var meanwhile: () throws -> Void

    public init(
        shouldPause: @escaping () -> Bool = { false }, shouldStop: @escaping () -> Bool = { false },
        meanwhile: @escaping () throws -> Void = {}
    ) {
        self.shouldPause = shouldPause
        self.shouldStop = shouldStop
        self.meanwhile = meanwhile
    }
}
