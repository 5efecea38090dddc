// "Did you mean".

import Testing
import WeirCore

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("retentoin", "retention", 1), ("kitten", "sitting", 3),
        ("ab", "ba", 1), ("feild", "field", 1),
    ])
    func countsEdits(a: String, b: String, edits: Int) {
        #expect(Suggestion.distance(a, b) == edits)
        #expect(Suggestion.distance(b, a) == edits)
    }

    @Test func suggestsOnlyWhatIsNear() {
        let known = ["field", "retention", "ignoring"]
        #expect(Suggestion.nearest(to: "retentoin", among: known) == "retention")
        #expect(Suggestion.nearest(to: "Field", among: known) == "field")
        #expect(Suggestion.nearest(to: "window", among: known) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
