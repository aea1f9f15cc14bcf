extension AgentSchema {
    /// What legacy sessions were told, for clients that come back.
    static let streams = """
        CREATE TABLE streams(
            session BLOB NOT NULL, stream INTEGER NOT NULL, next INTEGER NOT NULL,
            is_done INTEGER NOT NULL, opened INTEGER NOT NULL, mark INTEGER,
            requests TEXT NOT NULL,
            PRIMARY KEY(session, stream)) STRICT, WITHOUT ROWID;
        CREATE TABLE stream_frames(
            session BLOB NOT NULL, stream INTEGER NOT NULL, n INTEGER NOT NULL,
            frame BLOB NOT NULL, PRIMARY KEY(session, stream, n)) STRICT, WITHOUT ROWID;
        """
}
