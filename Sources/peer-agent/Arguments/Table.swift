/// Rows of words in columns, for people.
enum Table {
    /// - Parameter rows: of printable words; the last column is not padded.
    static func text(_ rows: [[String]]) -> String {
        guard let columns = rows.first?.count, columns > 0 else { return "" }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, word) in row.enumerated() {
                line += word
                guard column + 1 < columns else { continue }
                line += String(repeating: " ", count: widths[column] - word.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
