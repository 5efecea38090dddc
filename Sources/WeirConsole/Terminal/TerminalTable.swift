// A table that fits its screen.

struct TerminalTable {
    enum Side { case left, right }

    struct Column {
        let name: String
        let side: Side
        /// Columns with a larger one go first where there is no room; those with 0 stay, narrower if need be.
        let rank: Int

        init(_ name: String, _ side: Side, rank: Int = 0) {
            self.name = name
            self.side = side
            self.rank = rank
        }
    }

    typealias Cell = TerminalLine.Span

    private let columns: [Column]
    private let rows: [[Cell]]
    private static let gap = 2
    /// Names are not cut to less.
    private static let leastWidth = 6

    init(_ columns: [Column], _ rows: [[Cell]]) {
        self.columns = columns
        self.rows = rows
    }

    /// - Parameter width: of the screen; nil where there is no end to it.
    func lines(width: Int?) -> [TerminalLine] {
        let header = columns.map { Cell($0.name.uppercased(), .soft) }
        let all = [header] + rows
        var widths = columns.indices.map { index in all.map { $0[index].width }.max() ?? 0 }
        var shown = Array(columns.indices)
        func excess() -> Int {
            guard let width else { return 0 }
            return shown.reduce(Self.gap * (shown.count - 1)) { $0 + widths[$1] } - width
        }
        while excess() > 0, let least = shown.filter({ columns[$0].rank > 0 }).max(by: { rank($0) < rank($1) }) {
            shown.removeAll { $0 == least }
        }
        while excess() > 0,
            let widest = shown.filter({ columns[$0].side == .left && widths[$0] > Self.leastWidth }).max(by: {
                widths[$0] < widths[$1]
            })
        {
            widths[widest] -= 1
        }
        return all.map { row in
            let line = TerminalLine(
                shown.enumerated().flatMap { place, index -> [Cell] in
                    let cell = row[index].cut(to: widths[index])
                    let space = String(repeating: " ", count: widths[index] - cell.width)
                    let gap = String(repeating: " ", count: place == 0 ? 0 : Self.gap)
                    return columns[index].side == .left ? [Cell(gap), cell, Cell(space)] : [Cell(gap + space), cell]
                })
            return width.map { line.cut(to: $0) } ?? line
        }
    }

    /// Of two with the same rank the right one goes first.
    private func rank(_ index: Int) -> (Int, Int) { (columns[index].rank, index) }
}
