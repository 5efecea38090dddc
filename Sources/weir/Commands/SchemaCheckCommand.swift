// weir schema check: every subject against its promises, every topology against every version.

import ArgumentParser
import WeirAvro
import WeirCore
import WeirRuntime

struct SchemaCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check compatibility and style of all contracts, and what topologies read of them.",
        discussion: """
            Each version is compared with those before it, under the level that `config.yaml` declares for its \
            subject; the newest is held to the rules of style. Of topologies that are named, every version of every \
            source must be readable. Exits with 65 and says what changed if something is broken.
            """)

    @Argument(help: ArgumentHelp("Topologies that read these contracts.", valueName: "file"))
    var topologies: [String] = []

    @OptionGroup var contracts: SchemaFolderOptions

    func run() throws {
        let folder = try contracts.folder()
        var broken = 0
        for subject in folder.subjects {
            let check = ContractCheck(subject: subject, in: folder)
            for line in check.lines { say(line) }
            if !check.isFine { broken += 1 }
        }
        var mistakes: [ConfigMistake] = []
        for file in topologies {
            let loaded = try TopologyLoading.load(file: file, schemas: folder)
            let contracts = TopologyContracts(loaded, schemas: folder)
            mistakes += contracts.mistakes
            say("\(file): topology \(loaded.topology.name)")
            for source in loaded.topology.sources {
                let read = contracts.versions.filter { $0.topic == source.topic && $0.problem == nil }
                let numbers = read.map { String($0.version) }.joined(separator: ", ")
                say("  reads \(source.schema), versions \(numbers.isEmpty ? "none" : numbers)")
            }
        }
        if !mistakes.isEmpty { throw ConfigMistakes(mistakes).weirError }
        guard broken == 0 else {
            throw WeirError(
                .badData, "\(broken) of \(folder.subjects.count) subjects break what they promise",
                advice: "Mend the newest version before anybody writes with it, or make a new subject.")
        }
        say("no contract is broken")
    }
}
