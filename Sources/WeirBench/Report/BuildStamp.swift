// Of which commit an executable is: what `make build` wrote beside it.

internal import Foundation

/// A line of the SHA-256 of an executable and of `git describe`. Who builds without it, or changes the executable since,
/// has an executable with another digest, of which the file then says nothing.
public enum BuildStamp {
    /// Files that may tell it: of the executable's own name, for one that was copied, and the one that `make build` writes.
    public static func files(of executable: String) -> [String] {
        let folder = URL(filePath: executable).deletingLastPathComponent()
        return ["\(executable).commit", folder.appending(path: "weir.commit").path(percentEncoded: false)]
    }

    /// - Parameters:
    ///   - texts: of those files, as far as they are there.
    ///   - digest: of the executable, in hexadecimal digits.
    public static func words(_ texts: [String], digest: String) -> String {
        for text in texts {
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, words[0] == digest else { continue }
            return "commit \(words[1]) (stamped by make build)"
        }
        return "commit unknown: built without make build, or changed since"
    }
}
