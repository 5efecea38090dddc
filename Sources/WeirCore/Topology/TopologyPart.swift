// The parts of a topology file that later checks may have to point at.

/// A part of a topology; sources are told by their topic, meters by their name.
public enum TopologyPart: Sendable, Hashable {
    case topology
    case source(String)
    /// The schema a source is read with: its `schema`, or its `topic` if it has none.
    case schema(source: String)
    case meter(String)
    case outputTable
    case outputTopic
    case outputSchema
    case outputLag
}
