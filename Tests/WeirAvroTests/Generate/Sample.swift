// One random case: a writer's schema, a reader's, a value; made from a seed, and shrunk when it fails.

import Foundation
import TestSupport
import Testing
import WeirAvro
import WeirCore

/// What a case is made of.
struct Sample {
    var writer: Shape
    var reader: Shape
    var valueSeed: UInt64
    var size = 4

    /// - Parameter evolves: whether the reader's schema differs from the writer's.
    init(seed: UInt64, evolves: Bool) {
        // A union may have lost the branch that defined what others name: then the next is drawn.
        writer = .record(Shape.Title(name: "Empty"), [])
        for attempt in 0..<50 as Range<UInt64> {
            var maker = ShapeMaker(random: SeededGenerator(seed: seed &+ attempt << 32))
            let drawn = maker.record()
            guard (try? AvroSchema(parsing: drawn.text, source: "writer")) != nil else { continue }
            writer = drawn
            break
        }
        reader = writer
        valueSeed = seed
        guard evolves else { return }
        for attempt in 0..<20 as Range<UInt64> {
            var evolution = Evolution(random: SeededGenerator(seed: seed &* 31 &+ attempt))
            let changed = evolution.reader(of: writer)
            if (try? AvroSchema(parsing: changed.text, source: "reader")) != nil {
                reader = changed
                return
            }
        }
    }

    func built() throws -> RandomCase { try RandomCase(self) }

    // MARK: Shrinking

    /// Cases that are smaller by one step, the most promising first.
    private var smaller: [Sample] {
        var found: [Sample] = []
        func add(_ change: (inout Sample) -> Void) {
            var sample = self
            change(&sample)
            found.append(sample)
        }
        for size in 0..<size { for seed in 0..<4 as Range<UInt64> { add { ($0.size, $0.valueSeed) = (size, seed) } } }
        if case .record(let title, let slots) = writer, case .record(let other, let wanted) = reader {
            for slot in slots {
                add {
                    $0.writer = .record(title, slots.filter { $0.name != slot.name })
                    $0.reader = .record(other, wanted.filter { !([$0.name] + $0.aliases).contains(slot.name) })
                }
            }
            for slot in wanted { add { $0.reader = .record(other, wanted.filter { $0.name != slot.name }) } }
        }
        for shape in writer.smaller { add { $0.writer = shape } }
        for shape in reader.smaller { add { $0.reader = shape } }
        return found
    }

    /// The smallest case found that still fails, and what is said of it.
    private func shrunk(_ complaint: String, _ check: (Sample) -> String?) -> (Sample, String) {
        var best = (sample: self, complaint: complaint)
        var budget = 3000
        search: while budget > 0 {
            for candidate in best.sample.smaller {
                budget -= 1
                guard budget > 0 else { break search }
                if let complaint = check(candidate) {
                    best = (candidate, complaint)
                    continue search
                }
            }
            break
        }
        return best
    }

    // MARK: Runs

    /// Seeds of a run: `WEIR_AVRO_SEED` replays one, `WEIR_AVRO_CASES` asks for more or fewer than `usual`.
    static func seeds(_ usual: UInt64) -> ClosedRange<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["WEIR_AVRO_SEED"].flatMap(UInt64.init) { return seed...seed }
        return 1...(environment["WEIR_AVRO_CASES"].flatMap(UInt64.init) ?? usual)
    }

    /// Whether a run is of many seeds, so that its counts mean something.
    static var isWhole: Bool { ProcessInfo.processInfo.environment["WEIR_AVRO_SEED"] == nil }

    /// Checks one case after another; the first five that fail are shrunk and reported.
    /// - Parameter check: what is wrong with a case, nil if nothing is.
    static func forAll(
        _ usual: UInt64, evolves: Bool, test: String = #function, _ check: (RandomCase) throws -> String?
    ) {
        func verdict(_ sample: Sample) -> String? {
            guard let built = try? sample.built() else { return nil }
            do {
                return try check(built)
            } catch {
                return "\(error)"
            }
        }
        var failures = 0
        for seed in seeds(usual) {
            let sample = Sample(seed: seed, evolves: evolves)
            guard let complaint = verdict(sample) else { continue }
            let (smallest, words) = sample.shrunk(complaint, verdict)
            let value = (try? smallest.built()).map { "value \($0.value)\nbody \($0.body)" } ?? ""
            Issue.record(
                """
                seed \(seed): \(words)
                writer \(smallest.writer.text)
                reader \(smallest.reader.text)
                \(value)
                replay: WEIR_AVRO_SEED=\(seed) swift test -c release --filter \(test.prefix(while: { $0 != "(" }))
                """)
            failures += 1
            if failures == 5 { return }
        }
    }
}

/// A case with its schemas parsed and its value written.
struct RandomCase {
    let sample: Sample
    let schema: AvroSchema
    let reader: AvroSchema
    let value: AvroValue
    let body: [UInt8]

    init(seed: UInt64) throws { try self.init(Sample(seed: seed, evolves: false)) }

    init(_ sample: Sample) throws {
        self.sample = sample
        schema = try AvroSchema(parsing: sample.writer.text, source: "writer")
        reader = try AvroSchema(parsing: sample.reader.text, source: "reader")
        var maker = ValueMaker(
            random: SeededGenerator(seed: sample.valueSeed), schema: schema, size: sample.size)
        value = maker.value()
        body = try value.bytes(schema)
    }

    var text: String { schema.text }

    /// Requests for everything of the value that a plan can read, with what must come out.
    func expectations() throws -> [(request: FieldRequest, content: Content)] {
        try Projection(schema: schema, value: value, withExtents: true).found
    }
}

extension AvroValue {
    func bytes(_ schema: AvroSchema) throws -> [UInt8] {
        var writer = AvroWriter()
        try encode(schema: schema, into: &writer)
        return writer.bytes
    }
}
