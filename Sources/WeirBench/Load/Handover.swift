// Carries a value that belongs to one thread to the thread that will own it.

internal import Synchronization

/// Taken out once, by the thread that owns the value from then on.
package final class Handover<Value>: Sendable {
    private struct Box: @unchecked Sendable {
        // Sound: `take` gives it away once, and whoever made the handover no longer uses it.
        let value: Value
    }

    private let box: Mutex<Box?>

    package init(_ value: Value) { box = Mutex(Box(value: value)) }

    package func take() -> Value? {
        box.withLock { box in
            defer { box = nil }
            return box?.value
        }
    }
}
