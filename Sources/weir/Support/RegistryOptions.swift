// Options of the schema registry, and how it is let in.

import ArgumentParser
import Foundation
import WeirCore
import WeirHTTP
import WeirRegistry

struct RegistryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Schema registry, several instances separated by commas; $WEIR_REGISTRY if not given. Without one, ids are "
                + "those of ids.yaml.", valueName: "url,…"))
    var registry: String?

    @Option(
        help: ArgumentHelp(
            "File with `user:password` or `bearer TOKEN` for the registry. Without it: $WEIR_REGISTRY_USER and "
                + "$WEIR_REGISTRY_PASSWORD, or $WEIR_REGISTRY_TOKEN.", valueName: "file"))
    var registryCredentials: String?

    @Option(help: ArgumentHelp("Authorities that the registry's certificate must be from (PEM).", valueName: "file"))
    var registryCa: String?

    @Option(help: ArgumentHelp("Client certificate for the registry (PEM).", valueName: "file"))
    var registryCert: String?

    @Option(help: ArgumentHelp("Key of the client certificate (PEM).", valueName: "file"))
    var registryKey: String?

    @Option(
        help: ArgumentHelp(
            "Folder that keeps what the registry said, for starts while it is away; $WEIR_REGISTRY_CACHE, or "
                + "~/.cache/weir/registry.", valueName: "folder"))
    var registryCache: String?

    @Option(
        help: ArgumentHelp(
            "How subjects are named: topic (<topic>-value), record (the record's full name) or topic-record.",
            valueName: "strategy"),
        transform: { text in
            guard let strategy = SubjectNameStrategy(rawValue: text) else {
                throw ValidationError("expected topic, record or topic-record")
            }
            return strategy
        })
    var subjectNames = SubjectNameStrategy.topicName

    /// Nil without a registry.
    func client() throws(WeirError) -> RegistryClient? {
        guard let urls = given(registry, or: "WEIR_REGISTRY") else { return nil }
        var settings = try RegistrySettings(urls: urls)
        settings.credentials = try credentials()
        settings.authority = try readable(registryCa, "--registry-ca")
        settings.certificate = try readable(registryCert, "--registry-cert")
        settings.key = try readable(registryKey, "--registry-key")
        return RegistryClient(settings)
    }

    var cacheFolder: String? {
        if let folder = given(registryCache, or: "WEIR_REGISTRY_CACHE") { return folder }
        return ProcessInfo.processInfo.environment["HOME"].map { "\($0)/.cache/weir/registry" }
    }

    private func credentials() throws(WeirError) -> RegistrySettings.Credentials {
        switch try CredentialOptions.read(
            file: registryCredentials, option: "--registry-credentials", prefix: "WEIR_REGISTRY")
        {
        case .none: .none
        case .basic(let user, let password): .basic(user: user, password: password)
        case .bearer(let token): .bearer(token)
        }
    }

    private func readable(_ file: String?, _ option: String) throws(WeirError) -> String? {
        guard let file else { return nil }
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw WeirError(.usage, "\(option) \(file): the file cannot be read")
        }
        return file
    }
}
