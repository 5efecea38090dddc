// The circumstances of two things that are compared.

extension BenchReport.Entry {
    /// Entries of A and B that were made in the same order: those that are alike once, the others for each.
    public static func sides(_ a: [Self], _ b: [Self]) -> [Self] {
        (0..<max(a.count, b.count)).flatMap { index -> [Self] in
            let (one, other) = (index < a.count ? a[index] : nil, index < b.count ? b[index] : nil)
            if one == other { return [one].compactMap(\.self) }
            return [one?.of("A"), other?.of("B")].compactMap(\.self)
        }
    }

    private func of(_ side: String) -> Self { Self("\(side): \(name)", value) }
}
