// A part of the screen below the overview: a title, and a table with as many rows as there is room for.

struct TerminalSection {
    let title: String
    let columns: [TerminalTable.Column]
    let count: Int
    /// Those that matter most, so many, in the order to show them.
    let rows: (Int) -> [[TerminalTable.Cell]]
    /// What they are if there is no room for all.
    let choice: String

    /// Without a table.
    init(_ title: String, saying words: String) {
        self.init(title: "\(title): \(words)", columns: [], count: 0, rows: { _ in [] }, choice: "")
    }

    init(
        title: String, columns: [TerminalTable.Column], count: Int, rows: @escaping (Int) -> [[TerminalTable.Cell]],
        choice: String
    ) {
        self.title = title
        self.columns = columns
        self.count = count
        self.rows = rows
        self.choice = choice
    }

    /// Lines of it: an empty one, the title, the table's head, and the rows.
    func height(rows: Int) -> Int { count == 0 ? 2 : 3 + rows }

    func lines(rows number: Int, width: Int?) -> [TerminalLine] {
        let isWhole = number >= count
        let title = TerminalLine(
            isWhole ? self.title : "\(self.title), \(choice.replacing("#", with: "\(number)"))", .strong)
        let head = [TerminalLine(""), width.map { title.cut(to: $0) } ?? title]
        return count == 0 ? head : head + TerminalTable(columns, rows(number)).lines(width: width)
    }

    /// Rows for each section, nil for one that has no room at all. Each gets one row, then all in turn one more.
    static func share(_ height: Int, among sections: [TerminalSection]) -> [Int?] {
        var room = height
        var rows: [Int?] = sections.map { section in
            let least = min(1, section.count)
            guard room >= section.height(rows: least) else { return nil }
            room -= section.height(rows: least)
            return least
        }
        while room > 0 {
            let before = room
            for (index, section) in sections.enumerated() where room > 0 {
                guard let number = rows[index], number < section.count else { continue }
                rows[index] = number + 1
                room -= 1
            }
            if room == before { break }
        }
        return rows
    }
}
