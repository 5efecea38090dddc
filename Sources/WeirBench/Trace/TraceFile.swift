// Traces from CSV files.

import Foundation
public import WeirCore

/// Reads files like those of the Azure Public Dataset: a header, a TIMESTAMP column, numbers.
public enum TraceFile {
    /// - Parameters:
    ///   - columns: field of the source's record → column of the file.
    ///   - limit: rows to read at the most.
    public static func load(
        path: String, topic: String, columns: [(field: FieldPath, column: String)], limit: Int? = nil
    ) throws(WeirError) -> Trace {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw WeirError(.usage, "\(path): the trace cannot be read", advice: "Check that the file exists.")
        }
        let text = String(decoding: data, as: UTF8.self)
        return try parse(text, path: path, topic: topic, columns: columns, limit: limit)
    }

    private static func parse(
        _ text: String, path: String, topic: String, columns: [(field: FieldPath, column: String)], limit: Int?
    ) throws(WeirError) -> Trace {
        var lines = text.split(whereSeparator: \.isNewline)[...]
        guard let header = lines.popFirst() else { throw WeirError(.badData, "\(path): the trace is empty") }
        let names = header.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        func index(_ column: String) throws(WeirError) -> Int {
            guard let index = names.firstIndex(of: column) else {
                throw WeirError(
                    .badData, "\(path):1: there is no column \(column)",
                    advice: "There are \(names.joined(separator: ", ")); --columns says which field takes which.")
            }
            return index
        }
        let time = try index("TIMESTAMP")
        var places: [Int] = []
        for column in columns { places.append(try index(column.column)) }

        var rows: [Trace.Row] = []
        for (number, line) in lines.prefix(limit ?? lines.count).enumerated() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == names.count, let instant = instant(cells[time]) else {
                throw WeirError(
                    .badData, "\(path):\(number + 2): expected \(header) with a time like 2023-11-16 18:15:46.68")
            }
            var numbers: [Int64] = []
            for place in places {
                guard let value = Int64(cells[place]), value >= 0 else {
                    throw WeirError(
                        .badData, "\(path):\(number + 2): \(names[place]) is \(cells[place]), no whole number")
                }
                numbers.append(value)
            }
            rows.append(Trace.Row(time: instant, numbers: numbers))
        }
        return Trace(topic: topic, fields: columns.map(\.field), rows: rows)
    }

    /// `2023-11-16 18:15:46.6805900` in UTC; digits beyond microseconds are cut off.
    private static func instant(_ text: Substring) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 2 else { return nil }
        let clock = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard clock.count <= 2 else { return nil }
        let fraction = clock.count == 2 ? "." + clock[1].prefix(6) : ""
        return Timestamp(parsing: "\(parts[0])T\(clock[0])\(fraction)Z")?.microseconds
    }
}
