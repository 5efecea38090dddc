// The contracts of a repository: `schemas/<subject>/<version>.avsc`, and `schemas/ids.yaml`, which gives them ids.

import Foundation
public import WeirCore
import Yams

/// All schemas of a folder, read and checked.
///
/// `ids.yaml` maps the id that a Confluent frame carries to a file below the folder:
/// `1: storage.usage.v1/1.avsc`. Invariants: every file has one id, and every id one file.
public struct SchemaFolder: Sendable {
    /// One version of a subject.
    public struct Entry: Sendable {
        public let id: Int32
        public let subject: String
        public let version: Int
        public let schema: AvroSchema

        public init(id: Int32, subject: String, version: Int, schema: AvroSchema) {
            self.id = id
            self.subject = subject
            self.version = version
            self.schema = schema
        }
    }

    public let path: String
    private let byID: [Int32: Entry]
    private let bySubject: [String: [Entry]]
    private let rules: [String: SubjectRules]
    /// For subjects that say nothing of their own.
    public let usualRules: SubjectRules

    /// Reads everything below `path`; fails with `.badData` on the first thing that is wrong.
    public init(path: String) throws(WeirError) {
        self.path = path
        let files = try SchemaFolder.files(in: path)
        let listed = try SchemaFolder.identifiers(in: path)
        var byID: [Int32: Entry] = [:]
        var byFile: [String: Int32] = [:]
        for line in listed {
            guard let file = files[line.file] else {
                throw WeirError(
                    .badData, "\(line.place): there is no schema file \(path)/\(line.file)",
                    advice: "Add the file, or remove the line; files are named <subject>/<version>.avsc.")
            }
            if let other = byFile[line.file] {
                throw WeirError(
                    .badData, "\(line.place): \(line.file) already has id \(other)",
                    advice: "Keep one of the two lines.")
            }
            guard byID[line.id] == nil else {
                throw WeirError(
                    .badData, "\(line.place): id \(line.id) is already in use",
                    advice: "Give one of the two files another id.")
            }
            byFile[line.file] = line.id
            let full = "\(path)/\(line.file)"
            let text = try SchemaFolder.text(of: full)
            do throws(SchemaError) {
                let schema = try AvroSchema(parsing: text, source: full)
                byID[line.id] = Entry(id: line.id, subject: file.subject, version: file.version, schema: schema)
            } catch {
                throw WeirError(.badData, error.message)
            }
        }
        for file in files.keys.sorted() where byFile[file] == nil {
            throw WeirError(
                .badData, "\(path)/\(file): the schema has no id",
                advice: "Add a line to \(path)/ids.yaml: <id>: \(file)")
        }
        self.byID = byID
        let usual = try SchemaFolder.rules(in: path, usual: SubjectRules())
        var rules: [String: SubjectRules] = [:]
        for subject in Set(files.values.map(\.subject)) {
            rules[subject] = try SchemaFolder.rules(in: "\(path)/\(subject)", usual: usual)
        }
        self.rules = rules
        usualRules = usual
        bySubject = Dictionary(grouping: byID.values, by: \.subject)
            .mapValues { $0.sorted { $0.version < $1.version } }
    }

    /// Contracts that come from elsewhere, as if a folder held them.
    ///
    /// - Parameter path: where from, for messages.
    public init(path: String, entries: [Entry]) {
        self.path = path
        byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
        bySubject = Dictionary(grouping: entries, by: \.subject).mapValues { $0.sorted { $0.version < $1.version } }
        rules = [:]
        usualRules = SubjectRules()
    }

    /// All versions of all subjects.
    public var entries: [Entry] { subjects.flatMap { versions(subject: $0) } }

    /// All subjects, sorted.
    public var subjects: [String] { bySubject.keys.sorted() }

    public func schema(id: Int32) -> AvroSchema? { byID[id]?.schema }

    public func entry(id: Int32) -> Entry? { byID[id] }

    /// The subject's highest version.
    public func latest(subject: String) -> Entry? { bySubject[subject]?.last }

    /// All versions of a subject, lowest first.
    public func versions(subject: String) -> [Entry] { bySubject[subject] ?? [] }

    /// What the subject promises about its versions.
    public func rules(subject: String) -> SubjectRules { rules[subject] ?? usualRules }

    // MARK: Reading

    private static func rules(in folder: String, usual: SubjectRules) throws(WeirError) -> SubjectRules {
        let file = "\(folder)/\(SubjectRules.fileName)"
        guard FileManager.default.fileExists(atPath: file) else { return usual }
        let text = try text(of: file)
        do throws(ConfigMistakes) {
            return try SubjectRules(yaml: text, file: file, usual: usual)
        } catch {
            throw error.weirError
        }
    }

    private static func files(in path: String) throws(WeirError) -> [String: (subject: String, version: Int)] {
        var files: [String: (subject: String, version: Int)] = [:]
        for subject in try names(in: path) where isFolder("\(path)/\(subject)") {
            for name in try names(in: "\(path)/\(subject)") where name.hasSuffix(".avsc") {
                let digits = name.dropLast(5)
                guard let version = Int(digits), version > 0, String(version) == digits else {
                    throw WeirError(
                        .badData, "\(path)/\(subject)/\(name): the file's name is no version",
                        advice: "Name it by a positive number, like 1.avsc.")
                }
                files["\(subject)/\(name)"] = (subject, version)
            }
        }
        return files
    }

    private static func names(in folder: String) throws(WeirError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw WeirError(.badData, "\(folder): the folder cannot be read", advice: "Check that it exists.")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func text(of file: String) throws(WeirError) -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw WeirError(.badData, "\(file): the file cannot be read", advice: "Check that it exists.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw WeirError(.badData, "\(file): the file is not UTF-8")
        }
        return text
    }

    private struct Line {
        let place: String
        let id: Int32
        let file: String
    }

    private static func identifiers(in path: String) throws(WeirError) -> [Line] {
        let file = "\(path)/ids.yaml"
        let example = "Each line gives one schema its id, like 1: storage.usage.v1/1.avsc"
        let root: Node?
        do {
            root = try Yams.compose(yaml: try text(of: file))
        } catch let error as WeirError {
            throw error
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            let keys = duplicates.sorted().joined(separator: ", ")
            throw WeirError(
                .badData, "\(file):\(context.mark.line): id \(keys) is given twice",
                advice: "Give one of them another id.")
        } catch {
            throw WeirError(.badData, "\(file):\(error)", advice: example)
        }
        guard let root else { return [] }
        guard case .mapping(let mapping) = root else {
            throw WeirError(.badData, "\(file):\(root.mark?.line ?? 1): expected a mapping", advice: example)
        }
        var lines: [Line] = []
        for (key, value) in mapping {
            let place = "\(file):\(key.mark?.line ?? 1)"
            guard case .scalar(let text) = key, let id = Int32(text.string), id > 0 else {
                throw WeirError(
                    .badData, "\(place): \"\(key.string ?? "?")\" is no schema id",
                    advice: "An id is a whole number from 1 to \(Int32.max).")
            }
            guard case .scalar(let name) = value else {
                throw WeirError(.badData, "\(place): expected the file that has id \(id)", advice: example)
            }
            lines.append(Line(place: place, id: id, file: name.string))
        }
        return lines
    }
}
