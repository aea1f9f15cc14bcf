/// Walks one range of one author's log by its index alone, a few keys ahead.
struct ChainCursor {
    struct Key {
        let key: OrderKey
        let size: Int
        /// The row in the table.
        let reference: Int64
    }

    /// What is still to come.
    private(set) var range: EventRange
    private let server: Int64
    private let author: Int64
    private var keys: ArraySlice<Key> = []
    private var isAtEnd = false

    init(range: EventRange, server: Int64, author: Int64) {
        self.range = range
        self.server = server
        self.author = author
    }

    var head: Key? { keys.first }

    mutating func advance() {
        guard let key = keys.popFirst()?.key else { return }
        range.from = key.seq
        range.after = key.id
    }

    /// Reads on when nothing is left ahead.
    mutating func fill(from database: Database) throws(StoreFailure) {
        guard keys.isEmpty, !isAtEnd else { return }
        let author = range.author
        let rows = try database.rows(
            """
            SELECT lamport, seq, id, size, ref FROM events
            WHERE server = ?1 AND author = ?2 AND seq <= ?3 AND (seq, id) > (?4, ?5)
            ORDER BY seq, id LIMIT ?6
            """, .integer(server), .integer(self.author), .unsigned(range.through),
            .unsigned(range.from), .blob(range.after?.bytes ?? []),
            .integer(Int64(Limits.keysReadAhead))
        ) { row throws(StoreFailure) in
            let key = OrderKey(
                lamport: row.unsigned(0), author: author, seq: row.unsigned(1),
                id: try row.identifier(2))
            return Key(key: key, size: Int(row.integer(3)), reference: row.integer(4))
        }
        isAtEnd = rows.count < Limits.keysReadAhead
        keys = rows[...]
    }
}
