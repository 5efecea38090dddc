// Laws of encoding, decoding and resolution on random schemas, against the naive reading of the specification.

import Foundation
import Testing
import WeirAvro
import WeirCore

@Suite struct PropertyTests {
    @Test func encodingAndDecodingAreInverse() {
        Sample.forAll(3000, evolves: false) { sample in
            let decoder = try ValueDecoder(writer: sample.schema)
            let back = try decoder.decode(sample.body.span.bytes)
            if try back.bytes(sample.schema) != sample.body { return "what is decoded encodes otherwise: \(back)" }
            if try NaiveReader.value(of: sample.body, schema: sample.schema).bytes(sample.schema) != sample.body {
                return "the naive reader reads something else"
            }
            let blocks = NaiveWriter.bytes(of: sample.value, schema: sample.schema, seed: sample.sample.valueSeed)
            let other = try decoder.decode(blocks.span.bytes)
            return try other.bytes(sample.schema) == sample.body ? nil : "in other blocks \(blocks) it reads \(other)"
        }
    }

    @Test func resolvedValuesAreThoseOfTheRules() {
        var accepted = 0
        var refusedSchemas = 0
        var refusedValues = 0
        Sample.forAll(6000, evolves: true) { sample in
            let rules = NaiveResolution(writer: sample.schema, reader: sample.reader)
            let expected = try? rules.value(of: sample.value)
            let decoder: ValueDecoder
            do throws(PlanError) {
                decoder = try ValueDecoder(writer: sample.schema, reader: sample.reader)
            } catch {
                refusedSchemas += 1
                return rules.fits ? "refused, and the schemas fit: \(error)" : nil
            }
            if !rules.fits { return "accepted, and the schemas do not fit" }
            let body = NaiveWriter.bytes(of: sample.value, schema: sample.schema, seed: sample.sample.valueSeed)
            let found = Result { () throws(ValueError) in try decoder.decode(body.span.bytes) }
            switch (found, expected) {
            case (.success(let value), let expected?):
                accepted += 1
                return try value.bytes(sample.reader) == expected.bytes(sample.reader)
                    ? nil : "found \(value)\nexpected \(expected)"
            case (.failure, nil):
                refusedValues += 1
                return nil
            case (.success(let value), nil): return "found \(value), which the rules refuse"
            case (.failure(let error), let expected?): return "\(error), expected \(expected)"
            }
        }
        guard Sample.isWhole else { return }
        #expect(accepted > 3000 && refusedSchemas > 300 && refusedValues > 100, "all that can happen must happen")
    }

    @Test func plansReadWhatResolutionGives() {
        var read = 0
        Sample.forAll(6000, evolves: true) { sample in
            guard let decoder = try? ValueDecoder(writer: sample.schema, reader: sample.reader),
                let value = try? decoder.decode(sample.body.span.bytes)
            else { return nil }
            let expected = try Projection(schema: sample.reader, value: value, withExtents: false).found
            let requests = expected.map(\.request)
            let plan = try DecodePlan(writer: sample.schema, reader: sample.reader, fields: requests)
            let body = NaiveWriter.bytes(of: sample.value, schema: sample.schema, seed: sample.sample.valueSeed)
            let contents = try plan.contents(of: body)
            for (content, wanted) in zip(contents, expected) where content != wanted.content {
                return "\(wanted.request.path): found \(content), expected \(wanted.content)"
            }
            read += contents.count
            // Few fields are read as all are.
            let some = Array(expected.enumerated().filter { $0.offset % 3 == 1 }.map(\.element))
            let few = try DecodePlan(writer: sample.schema, reader: sample.reader, fields: some.map(\.request))
            return try few.contents(of: body) == some.map(\.content) ? nil : "few fields are read otherwise than all"
        }
        if Sample.isWhole { #expect(read > 8000, "the cases must have something to read") }
    }

    @Test func plansOfOneSchemaKnowExtents() {
        Sample.forAll(2000, evolves: false) { sample in
            let expected = try sample.expectations()
            let plan = try DecodePlan(writer: sample.schema, reader: nil, fields: expected.map(\.request))
            for (content, wanted) in zip(try plan.contents(of: sample.body), expected) where content != wanted.content {
                return "\(wanted.request.path): found \(content), expected \(wanted.content)"
            }
            return nil
        }
    }

    @Test func canonicalFormsAreSchemasThatReadTheSame() {
        Sample.forAll(1000, evolves: false) { sample in
            let canonical = try AvroSchema(parsing: sample.schema.canonicalForm, source: "canonical")
            if canonical.canonicalForm != sample.schema.canonicalForm { return "not a fixed point" }
            let value = try ValueDecoder(writer: canonical).decode(sample.body.span.bytes)
            return try value.bytes(canonical) == sample.body ? nil : "reads \(value)"
        }
    }
}
