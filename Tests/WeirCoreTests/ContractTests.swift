// The contracts in `schemas` are documented throughout, and numbered.

import Foundation
import TestSupport
import Testing

@Suite struct ContractTests {
    @Test(arguments: ["schemas", "topologies/examples/api-calls/schemas"])
    func everyContractIsNumberedAndDocumented(folder: String) throws {
        let lines = try Repository.text("\(folder)/ids.yaml").split(separator: "\n").filter { !$0.hasPrefix("#") }
        let numbered = lines.compactMap { $0.components(separatedBy: ": ").last }
        let ids = Set(lines.compactMap { $0.components(separatedBy: ": ").first })
        #expect(ids.count == lines.count)
        let root = Repository.root.appending(path: folder)
        var found: [String] = []
        for subject in try FileManager.default.contentsOfDirectory(atPath: root.path())
        where !subject.hasSuffix(".yaml") {
            for version in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: subject).path())
            where version.hasSuffix(".avsc") {
                let path = "\(subject)/\(version)"
                found.append(path)
                let text = try Repository.text("\(folder)/\(path)")
                checkDocs(try JSONSerialization.jsonObject(with: Data(text.utf8)), path)
            }
        }
        #expect(found.sorted() == numbered.sorted())
    }

    /// Every record and every field has a `doc`; every record a namespace or one around it.
    private func checkDocs(_ schema: Any, _ path: String) {
        for branch in schema as? [Any] ?? [] { checkDocs(branch, path) }
        guard let object = schema as? [String: Any] else { return }
        if object["type"] as? String == "record" {
            #expect((object["doc"] as? String)?.isEmpty == false, "\(path): a record without doc")
        }
        for field in object["fields"] as? [[String: Any]] ?? [] {
            #expect((field["doc"] as? String)?.isEmpty == false, "\(path): \(field["name"] ?? "?") without doc")
            if let type = field["type"] { checkDocs(type, path) }
        }
        for inner in ["items", "values"] { if let type = object[inner] { checkDocs(type, path) } }
    }
}
