// How the reference page explains a type of value.

package struct ConfigLegend: Sendable, Hashable {
    /// `duration`
    package let name: String
    /// `a number with a unit: 250ms, 5s, 10m, 2h, 35d`
    package let notation: String
}
