/// What the database looks like, and how an older one becomes it.
///
/// Migrations only go forward, each in one transaction; `user_version` counts those applied.
package enum Schema {
    /// "PEER" in the header of every database of ours.
    package static let applicationID: Int64 = 0x5045_4552

    /// - Returns: whether the database was empty, thus made by this call.
    /// - Errors: `newerSchema`, `foreignDatabase`, `corrupt`; nothing is written before them.
    package static func prepare(
        _ database: Database, migrations: [String] = Schema.migrations
    ) throws(StoreFailure) -> Bool {
        let application = try number("PRAGMA application_id", database)
        let version = try number("PRAGMA user_version", database)
        let objects = try number("SELECT count(*) FROM sqlite_schema", database)
        let isNew = application == 0 && version == 0 && objects == 0
        guard isNew || application == applicationID else {
            throw StoreFailure(.foreignDatabase, "the file belongs to another program")
        }
        guard version <= migrations.count else {
            throw StoreFailure(
                .newerSchema,
                "schema \(version), this program knows \(migrations.count): use a newer one")
        }
        guard version >= 0 else { throw StoreFailure(.corrupt, "schema \(version)") }
        try database.makeDurable()
        for next in Int(version)..<migrations.count {
            try database.transaction { () throws(StoreFailure) in
                try database.execute(migrations[next])
                try database.execute("PRAGMA application_id = \(applicationID)")
                try database.execute("PRAGMA user_version = \(next + 1)")
            }
        }
        return isNew
    }

    private static func number(
        _ sql: SQLText, _ database: Database
    ) throws(StoreFailure) -> Int64 {
        try database.first(sql) { $0.integer(0) } ?? 0
    }

    package static let migrations = [
        first, texts, unwritten, addresses, files, guards, ids, sealed, keeping,
    ]

    /// Ids are written once and stand as small integers elsewhere. The chain index holds all that
    /// choosing and measuring events needs, so that no envelope is read for it.
    private static let first = """
        CREATE TABLE instance(
            only INTEGER PRIMARY KEY CHECK (only = 1), id BLOB NOT NULL) STRICT;
        CREATE TABLE servers(ref INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE authors(ref INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE events(
            ref INTEGER PRIMARY KEY,
            server INTEGER NOT NULL REFERENCES servers(ref),
            author INTEGER NOT NULL REFERENCES authors(ref),
            seq INTEGER NOT NULL, lamport INTEGER NOT NULL, kind INTEGER NOT NULL,
            stored_ms INTEGER NOT NULL, is_void INTEGER NOT NULL, size INTEGER NOT NULL,
            id BLOB NOT NULL, envelope BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX events_id ON events(id);
        CREATE UNIQUE INDEX events_chain ON events(server, author, seq, id, lamport, size);
        CREATE INDEX events_order ON events(server, lamport);
        CREATE TABLE feed(
            position INTEGER PRIMARY KEY,
            server INTEGER NOT NULL REFERENCES servers(ref),
            event BLOB NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
            channel_seq INTEGER NOT NULL) STRICT;
        CREATE TABLE epoch_keys(
            server INTEGER NOT NULL REFERENCES servers(ref),
            channel BLOB NOT NULL, epoch BLOB NOT NULL, key BLOB NOT NULL,
            PRIMARY KEY (server, channel, epoch)) STRICT, WITHOUT ROWID;
        CREATE TABLE prekeys(
            server INTEGER NOT NULL REFERENCES servers(ref),
            public_key BLOB NOT NULL, event BLOB, secret BLOB NOT NULL,
            created_ms INTEGER NOT NULL,
            PRIMARY KEY (server, public_key)) STRICT, WITHOUT ROWID;
        CREATE TABLE marks(
            principal TEXT NOT NULL,
            server INTEGER NOT NULL REFERENCES servers(ref),
            channel BLOB NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (principal, server, channel)) STRICT, WITHOUT ROWID;
        CREATE TABLE sent(
            principal TEXT NOT NULL, channel BLOB NOT NULL, client_id TEXT NOT NULL,
            text_hash BLOB NOT NULL, event BLOB NOT NULL, at_ms INTEGER NOT NULL,
            PRIMARY KEY (principal, channel, client_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX sent_age ON sent(at_ms);
        CREATE TABLE settings(
            name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """
}
