// A schema as a registry tells it.

/// A version of a subject.
public struct RegisteredSchema: Sendable, Equatable {
    public let subject: String
    public let version: Int
    public let id: Int32
    public let content: SchemaContent
}

/// A schema's text and what it refers to.
public struct SchemaContent: Sendable, Equatable {
    /// A type that is defined by a version of another subject.
    public struct Reference: Sendable, Equatable {
        public let name: String
        public let subject: String
        public let version: Int

        public init(name: String, subject: String, version: Int) {
            self.name = name
            self.subject = subject
            self.version = version
        }
    }

    /// `AVRO`, `JSON` or `PROTOBUF`.
    public var type: String
    public var text: String
    public var references: [Reference]

    public init(type: String = "AVRO", text: String, references: [Reference] = []) {
        self.type = type
        self.text = text
        self.references = references
    }
}
