// A gateway that lets only those through to a console who bring a token or a password.

import Foundation
import TestSupport

/// Ends with the value, or with the tests.
final class ConsoleGateway {
    /// `127.0.0.1:41234`
    let address: String
    private let process = Process()
    private let scratch: ScratchFolder

    /// - Parameter header: value that `Authorization` must have.
    init(before console: ConsoleClient, header: String) throws {
        scratch = try ScratchFolder()
        let port = "\(scratch.path)/port"
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", Repository.path("Tests/Integration/Clients/guard.py"), port, console.address, "-", "-", "-",
            header,
        ]
        try process.run()
        Leash.tie(process.processIdentifier)
        try waitUntil("the gateway listens") { FileManager.default.fileExists(atPath: port) }
        address = "127.0.0.1:\(try String(contentsOfFile: port, encoding: .utf8))"
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        Leash.untie(process.processIdentifier)
    }
}
