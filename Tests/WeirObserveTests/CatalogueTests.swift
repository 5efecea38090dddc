// The catalogue of metrics: its names keep Prometheus's rules, and the page of documentation says what it says.

import TestSupport
import Testing
import WeirObserve

struct CatalogueTests {
    @Test func thePageIsCurrent() throws {
        #expect(
            try Repository.holds("docs/metrics.md", MetricCatalogue.markdown()),
            "stale: WEIR_REGENERATE=1 swift test -c release --filter WeirObserveTests")
    }

    @Test func namesAreUnique() {
        let names = (MetricCatalogue.all + MetricCatalogue.groups).flatMap(\.seriesNames)
        #expect(Set(names).count == names.count)
    }

    /// What is told through swift-metrics is as documented as the rest.
    @Test func theFacadesAreInIt() { #expect(Set(MetricCatalogue.facade).isSubset(of: MetricCatalogue.all)) }

    @Test(arguments: MetricCatalogue.all + MetricCatalogue.groups)
    func aFamilyKeepsTheRules(family: MetricFamily) {
        #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
        #expect((family.kind == .info) == family.name.hasSuffix("_info"))
        if !family.unit.isEmpty {
            #expect(["seconds", "bytes", "ratio"].contains(family.unit))
            let bare = family.kind == .counter ? String(family.name.dropLast(6)) : family.name
            #expect(bare.hasSuffix("_" + family.unit))
        } else {
            for unit in ["_seconds", "_bytes", "_ratio"] { #expect(!family.name.hasSuffix(unit)) }
        }
        #expect(family.help.hasSuffix("."))
        #expect(family.name.allSatisfy { $0 == "_" || ("a"..."z").contains($0) })
    }
}
