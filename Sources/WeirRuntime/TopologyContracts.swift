// A topology against every version that producers may still write, not only against the newest contract.

public import WeirAvro
public import WeirCore

/// Which versions of a source's contract a topology reads.
public struct TopologyContracts: Sendable {
    public struct Version: Sendable {
        public let topic: String
        public let subject: String
        public let version: Int
        /// Why records of the version would all be dead letters; nil if they are read.
        public let problem: String?
    }

    public let versions: [Version]
    /// One for each version that is not read, at the source's place in the file.
    public let mistakes: [ConfigMistake]

    /// The reader is the newest version of each subject, as in `weir run`.
    public init(_ loaded: LoadedTopology, schemas: SchemaFolder) {
        var versions: [Version] = []
        var mistakes: [ConfigMistake] = []
        for source in loaded.topology.sources {
            let requests = SourcePlan(source: source, topology: loaded.topology).requests
            let newest = schemas.latest(subject: source.schema)?.schema
            for writer in schemas.versions(subject: source.schema) {
                var problem: String?
                do {
                    _ = try DecodePlan(writer: writer.schema, reader: newest, fields: requests)
                } catch {
                    problem = error.description
                }
                versions.append(
                    Version(topic: source.topic, subject: source.schema, version: writer.version, problem: problem))
                if let problem {
                    mistakes.append(
                        loaded.mistake(
                            at: .schema(source: source.topic),
                            "records of \(source.schema) version \(writer.version) would be dead letters: \(problem)",
                            expected: "a version that the topology can read, or a default in the newest"))
                }
            }
        }
        self.versions = versions
        self.mistakes = mistakes
    }
}
