// A gateway that lets only those through to a console who bring a token or a password.

import Foundation
import TestSupport
import WeirCore

/// Ends with the value, or with the tests.
final class ConsoleGateway {
    /// `127.0.0.1:41234`
    let address: String
    private let process: ChildProcess
    private let scratch: ScratchFolder

    /// - Parameter header: value that `Authorization` must have.
    init(before console: ConsoleClient, header: String) throws {
        scratch = try ScratchFolder()
        let port = "\(scratch.path)/port"
        process = try ChildProcess(
            "python3",
            [Repository.path("Tests/Integration/Clients/guard.py"), port, console.address, "-", "-", "-", header])
        Leash.tie(process)
        try waitUntil("the gateway listens") { FileManager.default.fileExists(atPath: port) }
        address = "127.0.0.1:\(try String(contentsOfFile: port, encoding: .utf8))"
    }

    deinit {
        Leash.end(process)
    }
}
