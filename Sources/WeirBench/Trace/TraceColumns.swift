// Which field of a record takes which column of a trace.

public import WeirCore

/// The text of `--columns`: `input_tokens=ContextTokens,output_tokens=GeneratedTokens`.
public enum TraceColumns {
    public static func parse(_ text: String) throws(WeirError) -> [(field: FieldPath, column: String)] {
        var columns: [(field: FieldPath, column: String)] = []
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw WeirError(
                    .usage, "--columns \(text): expected field=column, as in input_tokens=ContextTokens")
            }
            let field = FieldPath(String(parts[0]))
            guard !columns.contains(where: { $0.field == field }) else {
                throw WeirError(.usage, "--columns \(text): \(field) is given twice")
            }
            columns.append((field, String(parts[1])))
        }
        return columns
    }
}
