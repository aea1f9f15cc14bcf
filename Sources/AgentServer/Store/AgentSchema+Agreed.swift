extension AgentSchema {
    /// Where principals in lockdown have posted after they were told who reads along.
    static let agreed = """
        CREATE TABLE agreed(
            principal TEXT NOT NULL, channel BLOB NOT NULL, at_ms INTEGER NOT NULL,
            PRIMARY KEY(principal, channel)) STRICT, WITHOUT ROWID;
        CREATE INDEX agreed_age ON agreed(at_ms);
        """
}
