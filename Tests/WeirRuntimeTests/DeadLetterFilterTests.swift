// Moments, rates and bytes as the options of `weir dlq` take them.

import Testing
import WeirCore
import WeirRuntime

struct DeadLetterFilterTests {
    @Test func aMomentIsATimeOrALengthOfTimeAgo() {
        let now: Int64 = 1_700_000_000_000_000
        func moment(_ text: String) -> Int64? { DeadLetterFilter.moment(text, now: now)?.microseconds }
        #expect(moment("2h") == now - 7_200_000_000)
        #expect(moment("0s") == now)
        #expect(moment("106751991d") == 0, "not before 1970")
        #expect(moment("2023-11-14T22:13:20Z") == now)
        #expect(moment("2023-11-14") == 1_699_920_000_000_000)
        for wrong in ["", "2", "h", "yesterday", "-2h", "2023-11-14T22:13:20", "2023-02-30"] {
            #expect(moment(wrong) == nil, "\(wrong)")
        }
    }

    @Test func aRateIsRecordsInATime() {
        #expect(Pace.parse("50/s") == 50)
        #expect(Pace.parse("50") == 50)
        #expect(Pace.parse("300/m") == 5)
        #expect(Pace.parse("0.5/s") == 0.5)
        for wrong in ["", "0", "-1", "x/s", "5/h", "5/", "inf", "nan", "1/s/s", "0.00001"] {
            #expect(Pace.parse(wrong) == nil, "\(wrong)")
        }
    }

    @Test func aPaceSpacesItsTurnsAndMakesUpForLittle() {
        var pace = Pace(rate: 10)
        #expect(pace.wait(now: 0) == 0)
        pace.take(now: 0)
        #expect(pace.wait(now: 0) == 100_000)
        #expect(pace.wait(now: 100_000) == 0)
        // Ten seconds late: one turn is made up for, not a hundred.
        pace.take(now: 10_000_000)
        #expect(pace.wait(now: 10_000_000) == 0)
        pace.take(now: 10_000_000)
        #expect(pace.wait(now: 10_000_000) == 100_000)
        var free = Pace(rate: nil)
        free.take(now: 0)
        #expect(free.wait(now: 0) == 0)
    }

    @Test func bytesAreShownAsDigitsAndText() {
        let bytes = Array("abc\u{1b}[2J".utf8) + [0xFF] + Array(repeating: 0x41, count: 9)
        #expect(
            HexDump.lines(bytes[...]) == [
                "000000  61 62 63 1b 5b 32 4a ff  41 41 41 41 41 41 41 41   abc.[2J.AAAAAAAA",
                "000010  41                                                 A",
            ])
        #expect(Hex.bytes(Hex.text(bytes)) == bytes)
        for wrong in ["", "0a", "0x0", "0xzz", "0x０a"] { #expect(Hex.bytes(wrong) == nil, "\(wrong)") }
    }

    @Test func whatStrangersWroteDoesNotReachTheTerminalAsItIs() {
        #expect(Printable.text("a\u{1b}[2Jb\n\u{202e}ü🌊") == #"a\u{1b}[2Jb\u{a}\u{202e}ü🌊"#)
        #expect(Printable.bytes([0xFF, 0]) == "0xff00")
        #expect(Printable.bytes([]) == "(empty)")
        #expect(Printable.bytes(Array("org-1".utf8)) == "org-1")
        #expect(Printable.shortened("abcdef", to: 4) == "abc…")
    }
}
