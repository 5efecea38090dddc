// What the versions of a subject promise each other.

/// Confluent's levels. A new version is compared with the newest before it, or with all of them.
public enum CompatibilityLevel: String, Sendable, CaseIterable {
    case none = "NONE"
    /// The new version reads what the old one wrote: consumers are upgraded first.
    case backward = "BACKWARD"
    case backwardTransitive = "BACKWARD_TRANSITIVE"
    /// The old version reads what the new one writes: producers are upgraded first.
    case forward = "FORWARD"
    case forwardTransitive = "FORWARD_TRANSITIVE"
    case full = "FULL"
    case fullTransitive = "FULL_TRANSITIVE"

    /// Whether a new version is compared with all before it.
    public var isTransitive: Bool {
        switch self {
        case .backwardTransitive, .forwardTransitive, .fullTransitive: true
        default: false
        }
    }

    var directions: [CompatibilityViolation.Direction] {
        switch self {
        case .none: []
        case .backward, .backwardTransitive: [.backward]
        case .forward, .forwardTransitive: [.forward]
        case .full, .fullTransitive: [.backward, .forward]
        }
    }

    /// What a new version breaks.
    ///
    /// - Parameter versions: those before it, oldest first.
    public func violations(
        of new: AvroSchema, against versions: [(version: Int, schema: AvroSchema)]
    ) -> [CompatibilityViolation] {
        var violations: [CompatibilityViolation] = []
        for old in isTransitive ? versions[...] : versions.suffix(1) {
            for direction in directions {
                let found =
                    switch direction {
                    case .backward: AvroSchema.incompatibilities(reader: new, writer: old.schema)
                    case .forward: AvroSchema.incompatibilities(reader: old.schema, writer: new)
                    }
                violations += found.map {
                    CompatibilityViolation(version: old.version, direction: direction, reason: $0)
                }
            }
        }
        return violations
    }
}

/// A promise that a new version of a subject would break.
public struct CompatibilityViolation: Sendable, Hashable {
    public enum Direction: Sendable {
        /// The new version as the reader.
        case backward
        /// The new version as the writer.
        case forward
    }

    /// The older version that it was compared with.
    public let version: Int
    public let direction: Direction
    public let reason: Incompatibility

    /// Who cannot read whom.
    public var headline: String {
        switch direction {
        case .backward: "it cannot read records of version \(version)"
        case .forward: "version \(version) cannot read its records"
        }
    }
}

extension CompatibilityViolation: CustomStringConvertible {
    public var description: String { "\(headline): \(reason)" }
}
