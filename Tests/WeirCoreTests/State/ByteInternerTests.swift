// Numbers for byte strings against a dictionary.

import TestSupport
import Testing
import WeirCore

@Suite struct ByteInternerTests {
    /// Short strings of few different bytes, so that they repeat, share prefixes and hold zeros.
    private func text(_ random: inout SeededGenerator) -> [UInt8] {
        let length = Int.random(in: 0...20, using: &random)
        return (0..<length).map { index in
            index < 8 ? 0 : [0, 0, 0x61, 0xff].randomElement(using: &random) ?? 0
        }
    }

    @Test func agreesWithADictionary() {
        var random = SeededGenerator(seed: 21)
        for seed: UInt64 in [0, 1, 2, .max] {
            var interner = ByteInterner(seed: seed)
            for _ in 0..<3 {
                var model: [[UInt8]: Int] = [:]
                for _ in 0..<8000 {
                    let text = text(&random)
                    let (id, isNew) = interner.intern(text.span.bytes)
                    #expect(isNew == (model[text] == nil))
                    #expect(id == model[text, default: model.count])
                    model[text] = id
                }
                #expect(interner.count == model.count)
                for (text, id) in model { #expect(Array(interner.bytes(of: id)) == text) }
                interner.removeAll()
                #expect(interner.count == 0)
            }
        }
    }

    @Test func tellsApartByLengthAlone() {
        var interner = ByteInterner(seed: 0)
        let zeros = [UInt8](repeating: 0, count: 600)
        for length in 0...600 {
            let (id, isNew) = interner.intern(zeros.span.bytes.extracting(0..<length))
            #expect(id == length && isNew)
        }
        for length in 0...600 {
            let (id, isNew) = interner.intern(zeros.span.bytes.extracting(0..<length))
            #expect(id == length && !isNew)
        }
    }

    @Test func tellsApartByOneByteAnywhere() {
        var interner = ByteInterner(seed: 1)
        let base = [UInt8](repeating: 0x61, count: 4099)
        _ = interner.intern(base.span.bytes)
        for position in base.indices {
            var other = base
            other[position] = 0x62
            let (id, isNew) = interner.intern(other.span.bytes)
            #expect(id == position + 1 && isNew)
        }
        #expect(Array(interner.bytes(of: 0)) == base)
    }

    /// After as many as before it keeps it, after few it does not; and numbers start again from 0.
    @Test func givesItsMemoryBackAfterAFlood() {
        var interner = ByteInterner(seed: 1)
        let least = interner.capacity
        func fill(_ count: Int) {
            for number in 0..<count {
                let text = Array("organisation-\(number)".utf8)
                let (id, isNew) = interner.intern(text.span.bytes)
                #expect(id == number && isNew, "of \(count)")
            }
        }
        fill(1000)
        let grown = interner.capacity
        #expect(grown > least)
        interner.removeAll()
        #expect(interner.capacity == grown)
        fill(1000)
        interner.removeAll()
        fill(10)
        interner.removeAll()
        #expect(interner.capacity == least)
        fill(100_000)
        interner.removeAll()
        #expect(interner.capacity == least, "also if the next is as large: so many are no batch like any other")
        fill(10)
    }
}
