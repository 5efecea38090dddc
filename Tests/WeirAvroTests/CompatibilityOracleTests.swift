// Whether schemas go together, asked of Apache's own implementations as well: in Python, and in Java where its jars are.

import Foundation
import Testing
import WeirAvro
import WeirCore

@Suite(.serialized) struct CompatibilityOracleTests {
    private static let jars = ProcessInfo.processInfo.environment["WEIR_JAVA_JARS"]

    @Test(.enabled(if: FastAvro.python != nil, "needs $WEIR_PYTHON with avro (make setup)"))
    func pythonSaysTheSame() throws { try compare("Python", FastAvro(script: "avro_oracle.py")) }

    @Test(.enabled(if: jars != nil, "needs $WEIR_JAVA_JARS: deploy/dev/java-clients.sh"))
    func javaSaysTheSame() throws { try compare("Java", FastAvro(jars: try #require(Self.jars))) }

    private func compare(_ name: String, _ oracle: FastAvro) throws {
        var (compatible, incompatible, unread) = (0, 0, 0)
        var kinds: [String: Int] = [:]
        Sample.forAll(4000, evolves: true) { sample in
            let ours = AvroSchema.incompatibilities(reader: sample.reader, writer: sample.schema)
            let answer = try oracle.ask(
                "compatibility", ["writer": .string(sample.schema.text), "reader": .string(sample.reader.text)])
            guard case .value(.array(let theirs)) = answer else {
                unread += 1
                return nil
            }
            guard ours.isEmpty == theirs.isEmpty else {
                return "Weir: \(ours.isEmpty ? "compatible" : "\(ours)"), \(name): \(theirs.compactMap(\.string))"
            }
            if ours.isEmpty { compatible += 1 } else { incompatible += 1 }
            for kind in Set(ours.map(\.kind.rawValue)) { kinds[kind, default: 0] += 1 }
            return nil
        }
        print("\(name): \(compatible) compatible, \(incompatible) not, \(unread) not read by it; \(kinds)")
        if Sample.isWhole { #expect(compatible > 500 && incompatible > 500 && unread < 400 && kinds.count > 4) }
    }
}
