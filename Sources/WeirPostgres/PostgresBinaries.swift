// Where PostgreSQL's server programs are on this machine.

internal import Foundation
internal import WeirCore

enum PostgresBinaries {
    /// The folder of `initdb` and `postgres`: `$WEIR_POSTGRES_BIN`, else the newest that Debian's packages
    /// installed (they keep them off the PATH), else the first on the PATH.
    static func find() throws(WeirError) -> String {
        let environment = ProcessInfo.processInfo.environment
        if let chosen = environment["WEIR_POSTGRES_BIN"] {
            guard isComplete(chosen) else {
                throw WeirError(
                    .unavailable, "WEIR_POSTGRES_BIN=\(chosen): no initdb and postgres there",
                    advice: "Unset it to have the newest under /usr/lib/postgresql used.")
            }
            return chosen
        }
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard let folder = (packaged() + path).first(where: isComplete) else {
            throw WeirError(
                .unavailable,
                "PostgreSQL's server is not installed: no initdb and postgres in /usr/lib/postgresql/*/bin or on the PATH",
                advice: """
                    Run `make setup` or `sudo apt-get install --yes postgresql`, or set WEIR_POSTGRES_BIN to their folder.
                    """)
        }
        return folder
    }

    private static func packaged() -> [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }
}
