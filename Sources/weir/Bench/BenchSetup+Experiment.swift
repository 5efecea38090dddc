// What a scenario comes to: its workers with their settings, its schemas, and the files that say so.

import Foundation
import WeirAvro
import WeirBench

extension BenchSetup {
    /// The same entries in the same order for any scenario, so that two can be put side by side.
    static func experiment(
        _ field: Field, _ scenario: Scenario, _ use: ScenarioUse = .asItStands
    ) -> [BenchReport.Entry] {
        let sender = scenario.producer.map { "\($0.name)=\($0.value)" }
        // Of the files beside the scenario, that is. What is measured may be of any other: its own commit tells it.
        let folder = URL(filePath: scenario.file).deletingLastPathComponent().path
        let commit = BenchCommandOutput.firstLine("git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=10")
        return [
            BenchReport.Entry("workers' build", field.plan.executable.map(BenchBuild.other) ?? "this Weir"),
            BenchReport.Entry("in use", use.words(scenario)),
            BenchReport.Entry("sender", sender.joined(separator: " ")),
            BenchReport.Entry(
                "workers' Kafka settings",
                field.workerSettings(session: scenario.sessionTimeout).map(ShownCommand.setting).joined(separator: " ")
                    + "; the others are Weir's own"),
            BenchReport.Entry("group", members(scenario.workers, field.plan.purpose)),
            BenchReport.Entry("schemas", schemas(field)),
            BenchReport.Entry("scenario folder's commit", commit ?? "none"),
        ]
    }

    /// The scenario as it is, and the topology as the workers read it: with the names of this run's topics, and with little
    /// patience for schemas that are unknown on purpose.
    static func files(_ field: Field, _ scenario: Scenario) -> [BenchReport.Entry] {
        let topology = (try? String(contentsOfFile: field.file, encoding: .utf8)) ?? "cannot be read any more"
        return [
            BenchReport.Entry(scenario.file, scenario.text),
            BenchReport.Entry("\(scenario.topology), as the workers read it", topology),
        ]
    }

    private static func members(_ workers: Int, _ purpose: String) -> String {
        let names = (0..<workers).compactMap { Crew.instance($0, purpose) }
        guard !names.isEmpty else { return "the worker is a new member each time it starts" }
        return
            "every second worker is a static member (group.instance.id=\(names.joined(separator: ", "))), the others are "
            + "new members each time they start"
    }

    /// `schemas: billing.usage.v1 1; storage.usage.v1 1, 2`
    private static func schemas(_ field: Field) -> String {
        let subjects = field.schemas.subjects.map { subject in
            let versions = field.schemas.versions(subject: subject).map { "\($0.version)" }
            return "\(subject) \(versions.joined(separator: ", "))"
        }
        return "\(field.plan.schemas): \(subjects.joined(separator: "; "))"
    }
}
