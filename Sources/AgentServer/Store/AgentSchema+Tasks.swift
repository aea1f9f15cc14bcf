extension AgentSchema {
    /// Calls whose results are fetched later, and addresses that others post to.
    static let tasksAndHooks = """
        CREATE TABLE tasks(id TEXT PRIMARY KEY, detail TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE hooks(
            id TEXT PRIMARY KEY, detail TEXT NOT NULL, secret BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """
}
