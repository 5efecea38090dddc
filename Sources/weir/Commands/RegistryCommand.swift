// weir registry: a schema registry for development, over the folder of contracts.

import ArgumentParser
import Foundation
import Logging
import WeirAvro
import WeirCore
import WeirHTTP
import WeirRegistry

struct RegistryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Serve the folder of contracts as a schema registry.",
        subcommands: [RegistryServeCommand.self])
}

struct RegistryServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer as Confluent's Schema Registry does, from the folder, until interrupted.",
        discussion: """
            Java, Python, Go and other clients find the schemas of the folder by id, subject and version. With \
            --writable they can register more: each becomes a file, `<subject>/<version>.avsc`, and gets an id in \
            `ids.yaml`, if it keeps what `config.yaml` promises. Files that people change are seen at once.

            `<topic>-value`, the subject that clients use for a topic, is the folder `<topic>`, unless there is one of \
            the longer name. For development: it has neither TLS nor passwords, and listens on this machine only \
            unless told otherwise.
            """)

    @OptionGroup var contracts: SchemaFolderOptions

    @Flag(help: "Let clients register schemas and set compatibility levels.")
    var writable = false

    @Option(help: ArgumentHelp("Where to listen; port 0 takes one that is free.", valueName: "host:port"))
    var listen = "127.0.0.1:8081"

    @Option(
        help: ArgumentHelp(
            "Write the address to this file once clients can connect; removed at the end.", valueName: "file"))
    var portFile: String?

    @Flag(help: "Do not log requests.")
    var quiet = false

    func run() throws {
        Signals.block()
        let logger = LineLog.logger(.info)
        let parts = listen.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw WeirError(.usage, "--listen \(listen): expected an address and a port, like 127.0.0.1:8081")
        }
        let store = try SchemaStore(path: contracts.schemas, isWritable: writable)
        let subjects = store.folder.subjects.count
        let service = RegistryService(store) { words in
            logger.warning("the folder cannot be read; serving what it held before", metadata: ["error": "\(words)"])
        }
        let server: HTTPServer
        let isQuiet = quiet
        do {
            server = try HTTPServer(host: String(parts[0]), port: port) { request in
                let response = service.answer(request)
                if !isQuiet {
                    var metadata: Logger.Metadata = [
                        "method": "\(request.method)", "target": "\(request.target)", "status": "\(response.status)",
                    ]
                    if let trace = request.headers["traceparent"] { metadata["traceparent"] = "\(trace)" }
                    logger.info("request", metadata: metadata)
                }
                return response
            }
        } catch {
            throw WeirError(.unavailable, "\(error)", advice: "Use --listen 127.0.0.1:0 for a port that is free.")
        }
        let ready = portFile.map { ReadyFile(path: $0) }
        try ready?.write(server.address)
        defer { ready?.remove() }
        say("schema registry for development at \(server.address), \(writable ? "writable" : "read-only")")
        say("  \(subjects) subjects of \(contracts.schemas)")
        say("")
        say("  export WEIR_REGISTRY=\(server.address)")
        say("")
        say("Ctrl-C ends it.")
        _ = Signals.wait()
        server.stop()
    }
}
