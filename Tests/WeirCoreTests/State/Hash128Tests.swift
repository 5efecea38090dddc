// The keyed hash against published vectors and against a slow implementation of the paper.

import TestSupport
import Testing
import WeirCore

@Suite struct Hash128Tests {
    /// `vectors_sip128` of the reference implementation, as OpenSSL 3.0 computes them too: key 00, 01, … 0f;
    /// the input of row n is the n bytes 00, 01, ….
    static let vectors = [
        "a3817f04ba25a8e66df67214c7550293",
        "da87c1d86b99af44347659119b22fc45",
        "8177228da4a45dc7fca38bdef60affe4",
        "9c70b60c5267a94e5f33b6b02985ed51",
        "f88164c12d9c8faf7d0f6e7c7bcd5579",
        "1368875980776f8854527a07690e9627",
        "14eeca338b208613485ea0308fd7a15e",
        "a1f1ebbed8dbc153c0b84aa61ff08239",
        "3b62a9ba6258f5610f83e264f31497b4",
        "264499060ad9baabc47f8b02bb6d71ed",
        "00110dc378146956c95447d3f3d0fbba",
        "0151c568386b6677a2b4dc6f81e5dc18",
        "d626b266905ef35882634df68532c125",
        "9869e247e9c08b10d029934fc4b952f7",
        "31fcefac66d7de9c7ec7485fe4494902",
        "5493e99933b0a8117e08ec0f97cfc3d9",
        "6ee2a4ca67b054bbfd3315bf85230577",
        "473d06e8738db89854c066c47ae47740",
        "a426e5e423bf4885294da481feaef723",
        "78017731cf65fab074d5208952512eb1",
        "9e25fc833f2290733e9344a5e83839eb",
        "568e495abe525a218a2214cd3e071d12",
        "4a29b54552d16b9a469c10528eff0aae",
        "c9d184ddd5a9f5e0cf8ce29a9abf691c",
        "2db479ae78bd50d8882a8a178a6132ad",
        "8ece5f042d5e447b5051b9eacb8d8f6f",
        "9c0b53b4b3c307e87eaee08678141f66",
        "abf248af69a6eae4bfd3eb2f129eeb94",
        "0664da1668574b88b935f3027358aef4",
        "aa4b9dc4bf337de90cd4fd3c467c6ab7",
        "ea5c7f471faf6bde2b1ad7d4686d2287",
        "2939b0183223fafc1723de4f52c43d35",
        "7c3956ca5eeafc3e363e9d556546eb68",
        "77c6077146f01c32b6b69d5f4ea9ffcf",
        "37a6986cb8847edf0925f0f1309b54de",
        "a705f0e69da9a8f907241a2e923c8cc8",
        "3dc47d1f29c448461e9e76ed904f6711",
        "0d62bf01e6fc0e1a0d3c4751c5d3692b",
        "8c03468bca7c669ee4fd5e084bbee7b5",
        "528a5bb93baf2c9c4473cce5d0d22bd9",
        "df6a301e95c95dad97ae0cc8c6913bd8",
        "801189902c857f39e73591285e70b6db",
        "e617346ac9c231bb3650ae34ccca0c5b",
        "27d93437efb721aa401821dcec5adf89",
        "89237d9ded9c5e78d8b1c9b166cc7342",
        "4a6d8091bf5e7d651189fa94a250b14c",
        "0e33f96055e7ae893ffc0e3dcf492902",
        "e61c432b720b19d18ec8d84bdc63151b",
        "f7e5aef549f782cf379055a608269b16",
        "438d030fd0b7a54fa837f2ad201a6403",
        "a590d3ee4fbf04e3247e0d27f286423f",
        "5fe2c1a172fe93c4b15cd37caef9f538",
        "2c97325cbd06b36eb2133dd08b3a017c",
        "92c814227a6bca949ff0659f002ad39e",
        "dce850110bd8328cfbd50841d6911d87",
        "67f14984c7da791248e32bb5922583da",
        "1938f2cf72d54ee97e94166fa91d2a36",
        "74481e9646ed49fe0f6224301604698e",
        "57fca5de98a9d6d8006438d0583d8a1d",
        "9fecde1cefdc1cbed4763674d9575359",
        "e3040c00eb28f15366ca73cbd872e740",
        "7697009a6a831dfecca91c5993670f7a",
        "5853542321f567a005d547a4f04759bd",
        "5150d1772f50834a503e069a973fbd7c",
    ]

    @Test func agreesWithTheReferenceVectors() {
        let key = Hash128(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
        for (length, expected) in Self.vectors.enumerated() {
            let input = (0..<length).map { UInt8($0) }
            #expect(Self.hex(key.hash(input.span.bytes)) == expected, "length \(length)")
        }
    }

    @Test func agreesWithASlowImplementation() {
        var random = SeededGenerator(seed: 1)
        for length in 0...100 {
            for _ in 0..<20 {
                let key = Hash128(low: random.next(), high: random.next())
                let input = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                #expect(key.hash(input.span.bytes) == SlowSipHash.hash(input, key: key), "length \(length)")
            }
        }
    }

    @Test func startsAnywhereInMemory() {
        let bytes = (0..<80).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let key = Hash128(low: 1, high: 2)
        for start in 0..<16 {
            for end in start..<80 {
                let part = bytes.span.bytes.extracting(start..<end)
                #expect(key.hash(part) == SlowSipHash.hash(Array(bytes[start..<end]), key: key))
            }
        }
    }

    @Test func hashesTextAsItsUTF8() {
        let key = Hash128(low: 3, high: 4)
        for text in ["", "a", "zwölf Boxkämpfer", "\0", "🌊"] {
            #expect(key.hash(text) == key.hash(Array(text.utf8).span.bytes))
        }
    }

    private static func hex(_ hash: Hash128) -> String {
        [hash.low, hash.high].flatMap { word in
            (0..<8).map { byte in
                let value = UInt8(truncatingIfNeeded: word >> (8 * byte))
                return (value < 16 ? "0" : "") + String(value, radix: 16)
            }
        }.joined()
    }
}

/// SipHash-2-4 with 128 bits of output, step by step as in the paper's section 2.
enum SlowSipHash {
    static func hash(_ message: [UInt8], key: Hash128) -> Hash128 {
        var v: [UInt64] = [
            key.low ^ bigEndian("somepseu"), key.high ^ bigEndian("dorandom"),
            key.low ^ bigEndian("lygenera"), key.high ^ bigEndian("tedbytes"),
        ]
        v[1] ^= 0xee
        var padded = message
        while padded.count % 8 != 7 { padded.append(0) }
        padded.append(UInt8(message.count % 256))
        for start in stride(from: 0, to: padded.count, by: 8) {
            var word: UInt64 = 0
            for index in 0..<8 { word += UInt64(padded[start + index]) << UInt64(8 * index) }
            v[3] ^= word
            for _ in 0..<2 { round(&v) }
            v[0] ^= word
        }
        v[2] ^= 0xee
        for _ in 0..<4 { round(&v) }
        let low = v.reduce(0, ^)
        v[1] ^= 0xdd
        for _ in 0..<4 { round(&v) }
        return Hash128(low: low, high: v.reduce(0, ^))
    }

    private static func round(_ v: inout [UInt64]) {
        func mix(_ a: Int, _ b: Int, _ bits: UInt64, swapping: Bool) {
            v[a] = v[a] &+ v[b]
            v[b] = rotate(v[b], bits)
            v[b] ^= v[a]
            if swapping { v[a] = rotate(v[a], 32) }
        }
        mix(0, 1, 13, swapping: true)
        mix(2, 3, 16, swapping: false)
        mix(0, 3, 21, swapping: false)
        mix(2, 1, 17, swapping: true)
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { (word << bits) | (word >> (64 - bits)) }

    private static func bigEndian(_ text: String) -> UInt64 { text.utf8.reduce(0) { $0 << 8 | UInt64($1) } }
}
