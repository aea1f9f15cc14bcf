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
}
