// Expectations as JSON files.

import Foundation
public import WeirCore

extension Expectation {
    public func save(to path: String) throws(WeirError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw WeirError(.usage, "\(path): the expectation cannot be written (\(error.localizedDescription))")
        }
    }

    public static func load(path: String) throws(WeirError) -> Expectation {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw WeirError(.usage, "\(path): the expectation cannot be read", advice: "Check that the file exists.")
        }
        do {
            return try JSONDecoder().decode(Expectation.self, from: data)
        } catch {
            throw WeirError(.badData, "\(path): not an expectation of `weir generate` (\(error))")
        }
    }
}
