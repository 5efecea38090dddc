// The corpus again, and some seconds of changes to it: no crash and no hang. `make fuzz` is the long run, and bounds
// memory: here other suites share the process.

import AvroFuzzing
import Foundation
import TestSupport
import Testing
import WeirAvro

@Suite(.serialized) struct FuzzTests {
    private static func corpus() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            Array(try Data(contentsOf: folder.appending(path: name)))
        }
    }

    @Test func theCorpusRuns() throws {
        let corpus = try FuzzTests.corpus()
        #expect(corpus.count > 50)
        for input in corpus { FuzzTarget.run(input) }
    }

    /// `WEIR_FUZZ_SECONDS` (5) of random changes. An input that ends the process is in the file that is printed.
    @Test func changedInputsDoNoHarm() throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["WEIR_FUZZ_SECONDS"].flatMap(Double.init) ?? 5
        let seed = environment["WEIR_FUZZ_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
        let file = NSTemporaryDirectory() + "weir-fuzz-\(ProcessInfo.processInfo.processIdentifier).input"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        print("fuzz: WEIR_FUZZ_SEED=\(seed), the input under way is \(file)")
        let corpus = try FuzzTests.corpus()
        var random = SeededGenerator(seed: seed)
        var runs = 0
        var slowest = Duration.zero
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            let input = FuzzTests.changed(corpus, &random)
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(input))
            let start = FuzzTests.processorTime()
            FuzzTarget.run(input)
            slowest = max(slowest, FuzzTests.processorTime() - start)
            runs += 1
        }
        print("fuzz: \(runs) inputs, the slowest took \(slowest)")
        #expect(runs > 100)
        #expect(slowest < .seconds(2))
    }

    private static func changed(_ corpus: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var input = corpus.randomElement(using: &random) ?? []
        let odd: [UInt8] = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x5d, 0x7b, 0x7d]
        for _ in 0..<Int.random(in: 1...6, using: &random) where input.count > 1 {
            let place = Int.random(in: 1..<input.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: input[place] = UInt8.random(in: 0...255, using: &random)
            case 1: input[place] = odd.randomElement(using: &random) ?? 0
            case 2: input.remove(at: place)
            case 3: input.insert(odd.randomElement(using: &random) ?? 0, at: place)
            case 4: input.removeSubrange(place..<min(input.count, place + Int.random(in: 1...20, using: &random)))
            default:
                let other = corpus.randomElement(using: &random) ?? []
                let from = Int.random(in: 0...other.count, using: &random)
                input.insert(contentsOf: other[from..<min(other.count, from + 30)], at: place)
            }
        }
        return input
    }

    /// Of this thread: the simulator keeps every core busy at the same time.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Writes inputs made by the generator, for a corpus to begin with: `WEIR_FUZZ_SEEDS=FOLDER`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["WEIR_FUZZ_SEEDS"] != nil))
    func writeSeeds() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["WEIR_FUZZ_SEEDS"] ?? "")
        for seed in 1...150 as ClosedRange<UInt64> {
            let sample = try Sample(seed: seed, evolves: true).built()
            let text = Array(sample.text.utf8)
            let codec = Codec.allCases[Int(seed) % Codec.allCases.count]
            let inputs: [(String, [UInt8])] = [
                ("s", text), ("b", text + [0] + sample.body),
                ("r", text + [0] + Array(sample.reader.text.utf8) + [0] + sample.body),
                ("c", try ContainerTests.file(sample.schema, [sample.value, sample.value], codec: codec)),
            ]
            for (kind, bytes) in inputs where bytes.count < 2000 {
                try Data(Array(kind.utf8) + bytes).write(to: folder.appending(path: "\(kind)\(seed)"))
            }
        }
    }
}
