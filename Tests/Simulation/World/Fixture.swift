// The simulator's own topology and schema, read once.

import Foundation
import WeirAvro
import WeirCore
import WeirRuntime

struct Fixture: Sendable {
    let topology: Topology
    /// What the folder of schemas holds as time goes by: id 7, then 8 as well, then 9.
    let folders: [SchemaFolder]
    let secret = Hash128(low: 0x7769_7265, high: 0x7369_6d75)

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixture")
        let schemas = folder.appending(path: "schemas")
        folders = try (1...3).map { try Self.folder(like: schemas, versions: $0) }
        topology = try TopologyLoading.load(file: folder.appending(path: "topology.yaml").path(), schemas: folders[0])
            .topology
    }

    /// With so many versions of the schema that all say the same.
    private static func folder(like schemas: URL, versions: Int) throws -> SchemaFolder {
        let copy = FileManager.default.temporaryDirectory.appending(path: "weir-simulation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        let subject = copy.appending(path: "sim.usage.v1")
        try FileManager.default.createDirectory(at: subject, withIntermediateDirectories: true)
        var ids = ""
        for version in 1...versions {
            try FileManager.default.copyItem(
                at: schemas.appending(path: "sim.usage.v1/1.avsc"), to: subject.appending(path: "\(version).avsc"))
            ids += "\(Int(InputMaker.schemaID) + version - 1): sim.usage.v1/\(version).avsc\n"
        }
        try ids.write(to: copy.appending(path: "ids.yaml"), atomically: true, encoding: .utf8)
        return try SchemaFolder(path: copy.path())
    }
}
