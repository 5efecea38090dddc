// The steps that write one record: a schema compiled for generating.

/// One step. Records are flattened into their fields.
indirect enum WriteStep {
    /// The same bytes in every record.
    case constant([UInt8])
    case organisation(ValuePool, isFixed: Bool)
    case idempotencyKey(LeafType)
    case time(inMillis: Bool)
    case measure(LeafType, isLarge: Bool)
    case traced(Int)
    /// One of an organisation's users.
    case member(ValuePool)
    /// The Kafka key alone, or a dimension.
    case pooled(ValuePool)
    /// Keeps the value that `step` writes: for the expectation, as the Kafka key, or both.
    case keep(slot: Int?, isKey: Bool, WriteStep)
    /// An id made anew for each attempt; its extent is kept.
    case attemptID
    /// A whole field in which repeats may differ; its extent is kept.
    case ignored([WriteStep])
    case arbitrary(ArbitraryValue)
    /// A union of null and one more: `role` is that of the value, for records that must lack it.
    case nullable(nullBranch: Int, role: FieldRole?, isRequired: Bool, [WriteStep])
    case union([[WriteStep]])
    case array([WriteStep])
    /// Entries by name, some of which may be absent, and up to two with other names.
    case map(named: [MapEntry], others: [[UInt8]], values: [WriteStep])

    struct MapEntry {
        /// The name, encoded.
        var name: [UInt8]
        var isRequired: Bool
        var steps: [WriteStep]
    }
}
