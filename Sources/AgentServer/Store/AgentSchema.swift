/// The tables of the agent's side, in the order they came to be.
enum AgentSchema {
    static let migrations = [first, tasksAndHooks, streams, auditEnds, agreed]

    private static let first = """
        CREATE TABLE tokens(
            id TEXT PRIMARY KEY, label TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
            permits TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER,
            used_ms INTEGER, revoked_ms INTEGER) STRICT, WITHOUT ROWID;
        CREATE TABLE sessions(
            hash BLOB PRIMARY KEY, principal TEXT NOT NULL, detail TEXT NOT NULL,
            created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE spent(
            nonce TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE audit(
            n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, hash BLOB NOT NULL,
            record TEXT NOT NULL) STRICT;
        CREATE INDEX audit_age ON audit(at_ms);
        """

    /// The first and the last record kept, so that none can be missing at either end.
    private static let auditEnds = """
        CREATE TABLE audit_ends(
            n INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
        INSERT INTO audit_ends SELECT n, hash FROM audit WHERE n IN (
            (SELECT min(n) FROM audit), (SELECT max(n) FROM audit));
        """
}
