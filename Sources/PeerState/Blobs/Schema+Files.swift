extension Schema {
    /// Adds which messages name which chunks, and what readable messages say about their files.
    static let files = """
        CREATE TABLE chunks(
            chunk BLOB NOT NULL, message BLOB NOT NULL,
            server INTEGER NOT NULL REFERENCES servers(ref),
            PRIMARY KEY (chunk, message)) STRICT, WITHOUT ROWID;
        CREATE INDEX chunks_server ON chunks(server);
        \(derivedFiles)
        """

    /// Follows from events and keys, as `derived` does.
    static let derivedFiles = """
        CREATE TABLE files(message INTEGER PRIMARY KEY, attachments BLOB NOT NULL) STRICT;
        """

    /// Undoes `derivedFiles`.
    static let dropDerivedFiles = "DROP TABLE IF EXISTS files;"

    /// Adds what a node needs that keeps files for others: whose a chunk is, whether it lies here
    /// (and with how many bytes), and up to when it is not to be asked for. A node that keeps none
    /// leaves the last two as they are, so that it can begin to with any history.
    static let keeping = """
        ALTER TABLE chunks ADD COLUMN author INTEGER;
        ALTER TABLE chunks ADD COLUMN kept INTEGER;
        ALTER TABLE chunks ADD COLUMN until_ms INTEGER NOT NULL DEFAULT 0;
        UPDATE chunks SET author = (\(author(of: "chunks.message")));
        CREATE INDEX chunks_missing ON chunks(server, author, until_ms) WHERE kept IS NULL;
        CREATE INDEX chunks_kept ON chunks(author, kept) WHERE kept IS NOT NULL;
        """

    static func author(of message: String) -> String {
        "SELECT author FROM events WHERE substr(id, 1, 8) = substr(\(message), 1, 8) "
            + "AND id = \(message)"
    }
}
