// A value together with the place in the file that it was written at.

package struct Placed<Value: Sendable>: Sendable {
    package let value: Value
    package let position: ConfigPosition

    package init(_ value: Value, at position: ConfigPosition) {
        self.value = value
        self.position = position
    }
}
