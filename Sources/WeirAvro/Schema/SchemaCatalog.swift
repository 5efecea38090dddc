// What a process knows of schemas: the contracts that its topologies are written against, and what names on the wire mean.

internal import WeirCore

/// A value: whoever learns more makes a new one.
public struct SchemaCatalog: Sendable {
    /// What a name on the wire stands for; for good.
    public enum Meaning: Sendable {
        case schema(SchemaFolder.Entry)
        /// There is such a schema, and nothing can be read with it: why.
        case unusable(String)
    }

    /// What topologies read records as.
    public let contracts: SchemaFolder
    /// Where names are looked up, for messages: `schemas/ids.yaml`.
    public let place: String
    /// True if what is not known here was nowhere when it was made; false if somebody can be asked.
    public let isComplete: Bool
    private var meanings: [WireSchema: Meaning] = [:]

    /// The schemas of a folder, and no others.
    public init(_ folder: SchemaFolder) {
        contracts = folder
        place = "\(folder.path)/ids.yaml"
        isComplete = true
        for entry in folder.entries {
            meanings[.id(entry.id)] = .schema(entry)
            meanings[.guid(entry.schema.guid)] = .schema(entry)
        }
    }

    /// Nothing is known yet but the contracts.
    public init(contracts: SchemaFolder, place: String) {
        self.contracts = contracts
        self.place = place
        isComplete = false
    }

    public func meaning(of name: WireSchema) -> Meaning? { meanings[name] }

    public mutating func learn(_ name: WireSchema, _ meaning: Meaning) { meanings[name] = meaning }
}

/// Where a process learns of schemas: the folder, or a registry.
public protocol SchemaSource: Sendable {
    /// Finds out what names mean. May take seconds; called from any thread.
    func ask(_ names: [WireSchema]) -> SchemaAnswer
}

/// What a source said.
public struct SchemaAnswer: Sendable {
    /// All that is known now; nil if that is no more than before.
    public var catalog: SchemaCatalog?
    /// Names that certainly stand for nothing at this time.
    public var unknown: [WireSchema]
    /// Why the others could not be found out; nil if all were.
    public var failure: String?

    public init(catalog: SchemaCatalog?, unknown: [WireSchema], failure: String?) {
        self.catalog = catalog
        self.unknown = unknown
        self.failure = failure
    }
}

/// The folder as a source: read again each time.
public struct FolderSource: SchemaSource {
    private let path: String

    public init(path: String) { self.path = path }

    public func ask(_ names: [WireSchema]) -> SchemaAnswer {
        do throws(WeirError) {
            let catalog = SchemaCatalog(try SchemaFolder(path: path))
            return SchemaAnswer(
                catalog: catalog, unknown: names.filter { catalog.meaning(of: $0) == nil }, failure: nil)
        } catch {
            return SchemaAnswer(catalog: nil, unknown: [], failure: error.message)
        }
    }
}
