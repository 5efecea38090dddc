// How a server lets Weir in: from a file or from the environment, never from the command line, which everybody on the
// machine can read.

import Foundation
import WeirCore
import WeirHTTP

enum CredentialOptions {
    /// - Parameters:
    ///   - file: with `user:password` or `bearer TOKEN`; nil for the environment.
    ///   - option: that names the file.
    ///   - prefix: of `…_USER` and `…_PASSWORD`, or `…_TOKEN`, in the environment.
    static func read(file: String?, option: String, prefix: String) throws(WeirError) -> HTTPClient.Credentials {
        if let file {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw WeirError(.usage, "\(option) \(file): the file cannot be read")
            }
            let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if line.hasPrefix("bearer ") { return .bearer(line.dropFirst(7).trimmingCharacters(in: .whitespaces)) }
            guard let colon = line.firstIndex(of: ":"), !line.contains("\n") else {
                throw WeirError(.usage, "\(option) \(file): expected one line, user:password or bearer TOKEN")
            }
            return .basic(user: String(line[..<colon]), password: String(line[line.index(after: colon)...]))
        }
        if let user = given(nil, or: prefix + "_USER") {
            return .basic(user: user, password: given(nil, or: prefix + "_PASSWORD") ?? "")
        }
        if let token = given(nil, or: prefix + "_TOKEN") { return .bearer(token) }
        return .none
    }
}
