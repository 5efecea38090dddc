// The outcome of reading one value.

/// What became of the text of a single value.
package enum ConfigReading<Value> {
    case value(Value)
    case malformed
    /// Well-formed, but not allowed: why, and what would be.
    case refused(String, expected: String)
}
