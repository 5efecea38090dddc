// The folder of contracts as a registry's store: read again when somebody changed it, written whole or not at all.

internal import Foundation
internal import Glibc
public import WeirAvro
public import WeirCore

/// Used under a lock.
///
/// A registration is two files: `<subject>/<version>.avsc`, which waits under another name until `ids.yaml` names it.
/// If the process ends in between, the next store finishes the move. An id that was given is never given again.
public final class SchemaStore {
    public let path: String
    public let isWritable: Bool
    public private(set) var folder: SchemaFolder
    private var stamp: [String]
    /// Identities of all versions, so that looking up is no search.
    private var identities: [String: [SchemaFolder.Entry]] = [:]
    /// Held as long as the store may write.
    private let lock: FolderLock?

    public init(path: String, isWritable: Bool) throws(WeirError) {
        self.path = path
        self.isWritable = isWritable
        lock = isWritable ? try FolderLock(path: path) : nil
        if isWritable { try Self.finishMoves(in: path) }
        stamp = Self.stamp(of: path)
        folder = try SchemaFolder(path: path)
        index()
    }

    private func index() {
        identities = Dictionary(grouping: folder.entries) { $0.schema.identity }
    }

    /// Reads the folder again if its files are others than before.
    ///
    /// - Throws: what is wrong with it now; the store goes on with what it had.
    public func refresh() throws(WeirError) {
        let new = Self.stamp(of: path)
        guard new != stamp else { return }
        folder = try SchemaFolder(path: path)
        stamp = new
        index()
    }

    /// Times and sizes of the files that say what there is.
    private static func stamp(of path: String) -> [String] {
        let subjects = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        let files =
            ["ids.yaml", SubjectRules.fileName] + subjects.flatMap { ["\($0)", "\($0)/\(SubjectRules.fileName)"] }
        return files.map { file in
            var info = stat()
            guard stat("\(path)/\(file)", &info) == 0 else { return "" }
            return "\(file) \(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec) \(info.st_size) \(info.st_ino)"
        }
    }

    // MARK: Reading

    /// The folder that a client means: `storage.usage.v1-value`, as the topic's name strategy calls it, is
    /// `storage.usage.v1` unless there is a folder of the longer name.
    public func subject(named name: String) -> String {
        guard folder.latest(subject: name) == nil, name.hasSuffix("-value") else { return name }
        let short = String(name.dropLast("-value".count))
        return folder.latest(subject: short) == nil ? name : short
    }

    /// Versions of any subject that are this schema.
    public func entries(like schema: AvroSchema) -> [SchemaFolder.Entry] { identities[schema.identity] ?? [] }

    public func entry(guid: SchemaGUID) -> SchemaFolder.Entry? {
        folder.entries.first { $0.schema.guid == guid }
    }

    // MARK: Writing

    /// Adds a version.
    ///
    /// - Parameter subject: a folder's name that `isLegal`.
    public func add(_ schema: AvroSchema, text: String, to subject: String) throws(WeirError) -> SchemaFolder.Entry {
        let version = (folder.latest(subject: subject)?.version ?? 0) + 1
        let highest = folder.entries.map(\.id).max() ?? 0
        guard highest < Int32.max else { throw WeirError(.badData, "\(path)/ids.yaml: all ids are given") }
        let entry = SchemaFolder.Entry(id: highest + 1, subject: subject, version: version, schema: schema)
        let place = "\(path)/\(subject)"
        let file = "\(place)/\(version).avsc"
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        } catch {
            throw WeirError(.unavailable, "\(place): \(error.localizedDescription)")
        }
        try Self.write(text.hasSuffix("\n") ? text : text + "\n", to: file + Self.waiting)
        var ids = (try? String(contentsOfFile: "\(path)/ids.yaml", encoding: .utf8)) ?? ""
        if !ids.isEmpty, !ids.hasSuffix("\n") { ids += "\n" }
        try Self.write(ids + "\(entry.id): \(subject)/\(version).avsc\n", to: "\(path)/ids.yaml")
        try Self.move(file + Self.waiting, to: file)
        folder = try SchemaFolder(path: path)
        stamp = Self.stamp(of: path)
        index()
        return entry
    }

    /// - Parameter subject: nil for what holds for all.
    public func setCompatibility(_ level: CompatibilityLevel, of subject: String?) throws(WeirError) {
        let file = "\(path)/\(subject.map { "\($0)/" } ?? "")\(SubjectRules.fileName)"
        let old = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        var lines = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let line = "compatibility: \(level.rawValue)"
        if let index = lines.firstIndex(where: { $0.hasPrefix("compatibility:") }) {
            lines[index] = line
        } else {
            lines.insert(line, at: lines.last == "" ? lines.count - 1 : lines.count)
        }
        if lines.last != "" { lines.append("") }
        try Self.write(lines.joined(separator: "\n"), to: file)
        try refresh()
    }

    /// Whether a subject can be a folder's name.
    public static func isLegal(_ subject: String) -> Bool {
        (1...200).contains(subject.utf8.count) && !subject.hasPrefix(".")
            && subject.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, 45, 46, 95: true
                default: false
                }
            }
    }

    // MARK: Files

    /// What a version is called until `ids.yaml` names it.
    private static let waiting = ".new"

    private static func finishMoves(in path: String) throws(WeirError) {
        let ids = (try? String(contentsOfFile: "\(path)/ids.yaml", encoding: .utf8)) ?? ""
        for line in ids.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("#") else { continue }
            let file = "\(path)/\(line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))"
            if !FileManager.default.fileExists(atPath: file), FileManager.default.fileExists(atPath: file + waiting) {
                try move(file + waiting, to: file)
            }
        }
    }

    private static func move(_ old: String, to new: String) throws(WeirError) {
        guard rename(old, new) == 0 else {
            throw WeirError(.unavailable, "\(new): \(String(cString: strerror(errno)))")
        }
    }

    /// Whole, and on the disk before it is in its place.
    private static func write(_ text: String, to file: String) throws(WeirError) {
        let new = file + ".tmp"
        func fail() -> WeirError { WeirError(.unavailable, "\(file): \(String(cString: strerror(errno)))") }
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fail() }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            guard count > 0 else { throw fail() }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw fail() }
        try move(new, to: file)
    }
}

/// One writer at a time for a folder.
private final class FolderLock {
    private let descriptor: Int32

    init(path: String) throws(WeirError) {
        let file = "\(path)/.registry.lock"
        descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw WeirError(
                .badData, "\(file): \(String(cString: strerror(errno)))", advice: "The folder must be writable.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw WeirError(.unavailable, "another `weir registry serve --writable` has \(path)")
        }
    }

    deinit { close(descriptor) }
}
