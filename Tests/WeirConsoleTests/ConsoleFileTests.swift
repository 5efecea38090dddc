// The page's files: all that they name is there, and none of them can turn a record's text into markup.

import Testing
import WeirConsole

struct ConsoleFileTests {
    private static let scripts = [
        "console.js", "dom.js", "format.js", "graph.js", "chart.js", "topology.js", "tables.js", "letters.js",
    ]

    private func text(_ name: String) throws -> String {
        try String(decoding: #require(ConsoleFile.named(name)).bytes, as: UTF8.self)
    }

    @Test func whatThePageNamesIsThere() throws {
        let page = try text("")
        for match in page.matches(of: /(?:href|src)="([a-z]+\.(?:js|css))"/) { _ = try text(String(match.1)) }
        for script in Self.scripts {
            for match in try text(script).matches(of: /from "\.\/([a-z]+\.js)"/) {
                #expect(Self.scripts.contains(String(match.1)), "\(script) imports \(match.1)")
            }
        }
        #expect(ConsoleFile.named("index.html") == nil)
        #expect(ConsoleFile.named("passwd") == nil)
    }

    @Test func nothingComesFromElsewhere() throws {
        for name in Self.scripts + ["", "console.css"] {
            let outside = try text(name).matches(of: /(?:https?:)?\/\/[a-z0-9]+\.[a-z.\/0-9]+/).map { String($0.0) }
            #expect(outside.allSatisfy { $0.contains("www.w3.org/2000/svg") }, "\(name): \(outside)")
        }
    }

    @Test(arguments: ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", "srcdoc"])
    func noScriptMakesMarkup(of word: String) throws {
        for script in Self.scripts { #expect(!(try text(script).contains(word)), "\(script) has \(word)") }
    }

    @Test func onlyOwnScriptsMayRun() throws {
        let policy = try #require(ConsoleFile.headers.first { $0.name == "Content-Security-Policy" }?.value)
        #expect(policy.contains("default-src 'none'"))
        #expect(!policy.contains("unsafe"))
        // An inline script or style would be refused by that.
        #expect(try text("").firstMatch(of: /<script(?![^>]*src=)|<style|style=|onclick=/) == nil)
    }
}
