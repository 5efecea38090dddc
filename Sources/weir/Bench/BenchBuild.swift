// Which build of Weir an executable is, for a report.

import Foundation
import WeirBench
import WeirCore

enum BenchBuild {
    /// Version, digest and commit of this process.
    static var this: String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return "\(weirVersion), \(identity("/proc/\(getpid())/exe", at: path))"
    }

    /// What another build says of itself, and what it is.
    static func other(_ executable: String) -> String {
        let version = BenchCommandOutput.firstLine(executable, "--version") ?? "of an unknown version"
        let path = URL(filePath: executable).resolvingSymlinksInPath().path(percentEncoded: false)
        return "\(executable), \(version), \(identity(executable, at: path))"
    }

    /// By its digest a build can be told from others for certain, which a folder's commit does not.
    ///
    /// - Parameter path: beside which its commit may stand.
    private static func identity(_ file: String, at path: String) -> String {
        guard let digest = BenchCommandOutput.firstLine("sha256sum", "--", file)?.prefix(64) else {
            return "without a digest"
        }
        let stamps = BuildStamp.files(of: path).compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return "sha256 \(digest.prefix(16))…, \(BuildStamp.words(stamps, digest: String(digest)))"
    }
}

enum BenchCommandOutput {
    /// The first line that a command prints; nil if it fails, or takes a minute.
    static func firstLine(_ words: String...) -> String? {
        guard let outcome = try? CapturedProcess(words[0], Array(words.dropFirst())).wait(seconds: 60),
            outcome.end == .status(0)
        else { return nil }
        return outcome.output.split(separator: "\n").first.map(String.init)
    }
}
