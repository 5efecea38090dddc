// The simulator's own topology and schema, read once.

import Foundation
import WeirAvro
import WeirCore
import WeirRuntime

struct Fixture: Sendable {
    let topology: Topology
    let schemas: SchemaFolder
    let secret = Hash128(low: 0x7769_7265, high: 0x7369_6d75)

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixture")
        schemas = try SchemaFolder(path: folder.appending(path: "schemas").path())
        topology = try TopologyLoading.load(file: folder.appending(path: "topology.yaml").path(), schemas: schemas)
            .topology
    }
}
