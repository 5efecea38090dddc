// A file that appears, whole, once a server takes connections: scripts wait for it and read its address.

import Foundation
import WeirCore

struct ReadyFile {
    let path: String

    func write(_ address: String) throws {
        do {
            try Data((address + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw WeirError(.usage, "cannot write \(path): \(error.localizedDescription)")
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
