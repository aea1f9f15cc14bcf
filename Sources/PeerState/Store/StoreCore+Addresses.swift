extension Schema {
    /// The address book; what it says is never relied on, only tried.
    static let addresses = """
        CREATE TABLE addresses(
            peer BLOB NOT NULL, address TEXT NOT NULL, source BLOB, met_ms INTEGER NOT NULL,
            failures INTEGER NOT NULL, PRIMARY KEY (peer, address)) STRICT, WITHOUT ROWID;
        """
}

extension StoreCore {
    func apply(_ change: AddressChange) throws(StoreFailure) {
        switch change {
        case .keep(let row):
            try database.run(
                "INSERT OR REPLACE INTO addresses VALUES (?1, ?2, ?3, ?4, ?5)",
                .identifier(row.peer), .text(row.address),
                row.source.map { .identifier($0) } ?? .null, .unsigned(row.metMilliseconds),
                .unsigned(row.failures))
        case .forget(let peer, let address):
            try database.run(
                "DELETE FROM addresses WHERE peer = ?1 AND address = ?2", .identifier(peer),
                .text(address))
        }
    }

    /// The whole address book, by peer and address.
    package func addresses() throws(StoreFailure) -> [AddressRow] {
        try database.rows(
            """
            SELECT peer, address, source, met_ms, failures FROM addresses ORDER BY peer, address
            """
        ) { row throws(StoreFailure) in
            AddressRow(
                peer: try row.identifier(0), address: row.text(1),
                source: row.isNull(2) ? nil : try row.identifier(2),
                metMilliseconds: row.unsigned(3), failures: row.unsigned(4))
        }
    }
}
