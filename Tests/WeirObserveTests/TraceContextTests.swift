// `traceparent`, as W3C has it: what is one, and what is none.

import Testing
import WeirObserve

struct TraceContextTests {
    private static let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func parse(_ text: String) -> TraceContext? {
        let bytes = Array(text.utf8)
        return TraceContext(traceparent: bytes.span.bytes)
    }

    @Test func itIsReadAndWritten() throws {
        let context = try #require(parse(Self.good))
        #expect(context.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanID == "b7ad6b7169203331")
        #expect(context.isSampled)
        #expect(context.traceparent == Self.good)
        let sibling = context.sibling(span: 15)
        #expect(sibling.traceparent == "00-0af7651916cd43dd8448eb211c80319c-000000000000000f-01")
    }

    @Test func onlyOneFlagSaysSampled() {
        #expect(parse(Self.good.dropLast(2) + "00")?.isSampled == false)
        #expect(parse(Self.good.dropLast(2) + "02")?.isSampled == false)
        #expect(parse(Self.good.dropLast(2) + "03")?.isSampled == true)
    }

    /// A later version may say more after a dash.
    @Test func laterVersionsAreRead() {
        let later = "cc" + Self.good.dropFirst(2)
        #expect(parse(later)?.spanID == "b7ad6b7169203331")
        #expect(parse(later + "-what-the-future-brings")?.spanID == "b7ad6b7169203331")
        #expect(parse(later + ".x") == nil)
    }

    @Test(arguments: [
        "", "00", "garbage", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-001",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
    ]) func whatIsNoneIsNone(text: String) { #expect(parse(text) == nil) }
}
