// Our encoder, decoder and plans against libavro, on random schemas and values.

import Testing
import WeirAvro
import WeirCore

@Suite struct DifferentialTests {
    static let seeds: [UInt64] = Array(1...400)

    @Test func bytesAreThoseOfLibavro() throws {
        var compared = 0
        for seed in DifferentialTests.seeds {
            let sample = try RandomCase(seed: seed)
            #expect(try decode(sample.schema, sample.body) == sample.value, "seed \(seed)")
            if sample.hasEmptyItems { continue }
            compared += 1
            let oracle = try LibAvro(sample.text)
            #expect(try oracle.encode(sample.value) == sample.body, "seed \(seed)")
            #expect(try oracle.reencode(sample.body) == sample.body, "seed \(seed)")
        }
        #expect(compared > 300, "most cases must be ones that libavro can do")
    }

    @Test func plansReadWhatWasWritten() throws {
        var read = 0
        for seed in DifferentialTests.seeds {
            let sample = try RandomCase(seed: seed)
            let expected = try sample.expectations()
            let plan = try DecodePlan(writer: sample.schema, reader: nil, fields: expected.map(\.request))
            let contents = try plan.contents(of: sample.body)
            for (content, wanted) in zip(contents, expected) {
                #expect(content == wanted.content, "seed \(seed), \(wanted.request.path)")
            }
            read += contents.count
        }
        #expect(read > 2000, "the cases must have something to read")
    }

    @Test func fewFieldsAreReadAsAllAre() throws {
        var random = SeededGenerator(seed: 7)
        for seed in DifferentialTests.seeds {
            let sample = try RandomCase(seed: seed)
            let some = try sample.expectations().filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            let plan = try DecodePlan(writer: sample.schema, reader: sample.schema, fields: some.map(\.request))
            #expect(try plan.contents(of: sample.body) == some.map(\.content), "seed \(seed)")
        }
    }
}
