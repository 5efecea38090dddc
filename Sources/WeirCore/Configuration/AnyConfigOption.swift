// An option whose value's type does not matter: what sections and generated pages work with.

package protocol AnyConfigOption: Sendable {
    var name: String { get }
    var typeName: String { get }
    var notation: String { get }
    var legend: ConfigLegend? { get }
    /// The least and the most that is allowed, in words; empty if all is.
    var bounds: String { get }
    var doc: String { get }
    var isRequired: Bool { get }
    /// The default in Markdown, `required`, or what leaving the field out means.
    var defaultText: String { get }
    var schema: JSONText { get }
    /// The fields inside, for a group or a list of groups.
    var section: ConfigSection? { get }

    func readAny(_ node: ConfigNode, _ what: String, into findings: inout ConfigFindings) -> (any Sendable)?
}
