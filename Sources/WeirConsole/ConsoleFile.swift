// The files of the page, as they are in the binary.

package struct ConsoleFile: Sendable {
    package let type: String
    package let bytes: [UInt8]

    /// By the last segment of its address; the page itself has none.
    package static func named(_ name: String) -> ConsoleFile? {
        switch name {
        case "": ConsoleFile(type: "text/html; charset=utf-8", bytes: PackageResources.index_html)
        case "console.css": ConsoleFile(type: "text/css; charset=utf-8", bytes: PackageResources.console_css)
        case "console.js": script(PackageResources.console_js)
        case "dom.js": script(PackageResources.dom_js)
        case "format.js": script(PackageResources.format_js)
        case "graph.js": script(PackageResources.graph_js)
        case "chart.js": script(PackageResources.chart_js)
        case "topology.js": script(PackageResources.topology_js)
        case "tables.js": script(PackageResources.tables_js)
        case "letters.js": script(PackageResources.letters_js)
        default: nil
        }
    }

    private static func script(_ bytes: [UInt8]) -> ConsoleFile {
        ConsoleFile(type: "text/javascript; charset=utf-8", bytes: bytes)
    }

    /// Of every answer of the console. Nothing but its own files may run or be loaded, and nobody may frame it.
    package static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
    ]
}
