import PeerNode
import PeerState
import PeerTesting

/// Everything a store holds, row by row, so that half an act is told from a whole one.
struct StoreContent: Hashable {
    private let tables: [String: Digest.Value]

    /// Reads a database that nobody else has open.
    init(_ disk: FaultyDisk) throws(StoreFailure) {
        let database = try Database(path: FaultyDisk.database, vfs: disk.name)
        defer { database.close() }
        var tables: [String: Digest.Value] = [:]
        // The search index is compared with the texts by `integrity`.
        let names = try database.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%'"
        ) { $0.text(0) }
        for table in names {
            let columns = try database.rows("SELECT name FROM pragma_table_info('\(table)')") {
                $0.text(0)
            }
            let values = columns.map { "quote(\($0))" }.joined(separator: " || ',' || ")
            // Put together where that is quick.
            let rows = try database.first(
                """
                SELECT group_concat(line, char(10)) FROM
                    (SELECT \(values) AS line FROM \(table) ORDER BY 1)
                """
            ) { $0.bytes(0) }
            tables[table] = Sodium.blake2b(rows ?? [])
        }
        self.tables = tables
    }

    /// Whether the same events are there.
    func hasEvents(of other: StoreContent) -> Bool { tables["events"] == other.tables["events"] }

    /// The tables in which they differ.
    func differences(from other: StoreContent) -> [String] {
        tables.keys.filter { tables[$0] != other.tables[$0] }.sorted()
    }
}
