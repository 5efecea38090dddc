// Registries behind TLS, client certificates and passwords; and what hostile clients do to our own.

import Foundation
import TestSupport
import Testing
import WeirCore

private let python: String? = {
    guard (try? Command.run("python3", "-c", "import ssl")) != nil, (try? Command.run("openssl", "version")) != nil
    else {
        return nil
    }
    return "python3"
}()

@Suite(.enabled(if: python != nil, "needs python3 and openssl"))
struct RegistryAccessTests {
    /// A gateway in front of a registry, with authorities made for the occasion.
    private final class Gateway {
        let scratch: ScratchFolder
        let registry: RegistryServer
        private let process: ChildProcess
        private(set) var url = ""

        init(expecting header: String = "-", certificates: Bool = false) throws {
            scratch = try ScratchFolder()
            registry = try RegistryServer(folder: Repository.path("schemas"))
            try Self.makeCertificates(in: scratch)
            process = try ChildProcess(
                "python3",
                [
                    Repository.path("Tests/Integration/Clients/guard.py"), scratch.file("port"),
                    String(registry.url.dropFirst("http://".count)), scratch.file("server.pem"),
                    scratch.file("server.key"),
                    certificates ? scratch.file("ca.pem") : "-", header,
                ])
            Leash.tie(process)
            try waitUntil("the gateway listens") { FileManager.default.fileExists(atPath: file("port")) }
            url = "https://127.0.0.1:\(try String(contentsOfFile: file("port"), encoding: .utf8))"
        }

        deinit {
            Leash.end(process)
        }

        func file(_ name: String) -> String { scratch.file(name) }

        private static func makeCertificates(in scratch: ScratchFolder) throws {
            func openssl(_ arguments: String...) throws {
                _ = try Command.run("sh", "-c", "openssl \(arguments.joined(separator: " ")) 2>&1")
            }
            for authority in ["ca", "other"] {
                try openssl(
                    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(authority)",
                    "-keyout", scratch.file("\(authority).key"), "-out", scratch.file("\(authority).pem"))
            }
            for (name, more) in [("server", "subjectAltName=IP:127.0.0.1"), ("client", "subjectAltName=DNS:client")] {
                let extensions = try scratch.write(more, to: "\(name).ext")
                try openssl(
                    "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name)", "-keyout",
                    scratch.file("\(name).key"), "-out", scratch.file("\(name).csr"))
                try openssl(
                    "x509 -req -days 2 -in", scratch.file("\(name).csr"), "-CA", scratch.file("ca.pem"), "-CAkey",
                    scratch.file("ca.key"),
                    "-CAcreateserial -extfile", extensions, "-out", scratch.file("\(name).pem"))
            }
        }

        /// `weir check`, which asks the registry for an id.
        func check(_ more: [String], _ environment: [String: String] = [:]) throws -> WeirProcess.Outcome {
            let process = try WeirWorker(
                name: "check",
                [
                    "check", Repository.path("topologies/billing-usage.yaml"), "--registry", url, "--registry-cache",
                    scratch.path,
                ]
                    + more, environment: environment)
            let status = try process.waitForEnd()
            return WeirProcess.Outcome(status: status, output: process.text, errors: process.text)
        }
    }

    @Test func theServersCertificateMustBeFromAKnownAuthority() throws {
        let gateway = try Gateway()
        let good = try gateway.check(["--registry-ca", gateway.file("ca.pem")])
        #expect(good.status == 0, "\(good)")
        #expect(gateway.registry.requests.contains { $0.hasPrefix("POST /subjects/billing.usage.v1-value") })
        for wrong in [["--registry-ca", gateway.file("other.pem")], []] {
            let outcome = try gateway.check(wrong)
            #expect(outcome.status == 69)
            #expect(outcome.errors.lowercased().contains("certificate"), "\(outcome)")
        }
        let missing = try gateway.check(["--registry-ca", "/none.pem"])
        #expect(missing.status == 64 && missing.errors.contains("/none.pem"), "\(missing)")
    }

    @Test func aClientCertificateLetsIn() throws {
        let gateway = try Gateway(certificates: true)
        let authority = ["--registry-ca", gateway.file("ca.pem")]
        let own = ["--registry-cert", gateway.file("client.pem"), "--registry-key", gateway.file("client.key")]
        let good = try gateway.check(authority + own)
        #expect(good.status == 0, "\(good)")
        #expect(try gateway.check(authority).status == 69)
    }

    @Test func passwordsComeFromFilesAndTheEnvironment() throws {
        let basic = "Basic \(Data("eve:s3:cret".utf8).base64EncodedString())"
        let gateway = try Gateway(expecting: basic)
        let authority = ["--registry-ca", gateway.file("ca.pem")]
        let file = try gateway.scratch.write("eve:s3:cret\n", to: "credentials")
        #expect(try gateway.check(authority + ["--registry-credentials", file]).status == 0)
        let environment = ["WEIR_REGISTRY_USER": "eve", "WEIR_REGISTRY_PASSWORD": "s3:cret"]
        #expect(try gateway.check(authority, environment).status == 0)
        let none = try gateway.check(authority)
        #expect(none.status == 69)
        #expect(none.errors.contains("not let in") && none.errors.contains("--registry-credentials"), "\(none)")
        let wrong = try gateway.check(authority, environment.merging(["WEIR_REGISTRY_PASSWORD": "x"]) { $1 })
        #expect(wrong.status == 69 && !wrong.errors.contains("s3:cret"), "\(wrong)")
    }

    @Test func aTokenLetsIn() throws {
        let gateway = try Gateway(expecting: "Bearer t0ken")
        let authority = ["--registry-ca", gateway.file("ca.pem")]
        let file = try gateway.scratch.write("bearer t0ken\n", to: "credentials")
        #expect(try gateway.check(authority + ["--registry-credentials", file]).status == 0)
        #expect(try gateway.check(authority, ["WEIR_REGISTRY_TOKEN": "t0ken"]).status == 0)
        #expect(try gateway.check(authority, ["WEIR_REGISTRY_TOKEN": "other"]).status == 69)
    }

    /// More connections than it may have descriptors: it goes on.
    @Test func theServerOutlivesAFlood() throws {
        let folder = try ScratchFolder()
        let script = """
            ulimit -n 60
            exec "$0" registry serve --schemas "$1" --listen 127.0.0.1:0 --port-file "$2" > "$3" 2>&1
            """
        let server = try ChildProcess(
            "/bin/sh",
            [
                "-c", script, WeirProcess.program, Repository.path("schemas"), "\(folder.path)/port",
                "\(folder.path)/log",
            ])
        Leash.tie(server)
        defer {
            Leash.end(server)
        }
        try waitUntil("it listens") { FileManager.default.fileExists(atPath: "\(folder.path)/port") }
        let port = try String(contentsOfFile: "\(folder.path)/port", encoding: .utf8).split(separator: ":").last ?? ""
        let flood = """
            import socket, sys
            port = int(sys.argv[1])
            held = []
            for _ in range(300):
                try:
                    held.append(socket.create_connection(("127.0.0.1", port), timeout=2))
                except OSError:
                    pass
            print(len(held))
            """
        let held = try Command.run(
            "python3", "-c", flood, port.trimmingCharacters(in: .whitespacesAndNewlines), seconds: 600)
        #expect(Int(held.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 60, "\(held)")
        let url = "http://127.0.0.1:\(port.trimmingCharacters(in: .whitespacesAndNewlines))/subjects"
        let answer = try Command.run("curl", "--silent", "--max-time", "20", "--retry", "5", "--retry-all-errors", url)
        #expect(answer.contains("storage.usage.v1"), "\(answer)")
        #expect(server.isRunning)
    }
}
