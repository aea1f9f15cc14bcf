extension Schema {
    /// Messages whose key is not here, as pages show them (docs/decisions/0074).
    ///
    /// A table of its own: whatever searches, counts, or waits for messages reads `texts` and does
    /// not meet them. What is not here stands in the row of the event.
    static let sealed = """
        CREATE TABLE sealed_texts(
            ref INTEGER PRIMARY KEY REFERENCES events(ref),
            channel INTEGER NOT NULL REFERENCES channels(ref),
            lamport INTEGER NOT NULL, author_order INTEGER NOT NULL,
            thread INTEGER, parent INTEGER, source INTEGER, epoch INTEGER,
            flags INTEGER NOT NULL, wall_ms INTEGER NOT NULL) STRICT;
        CREATE INDEX sealed_order ON sealed_texts(channel, lamport, author_order);
        CREATE INDEX sealed_thread ON sealed_texts(thread, lamport, author_order)
            WHERE thread IS NOT NULL;
        """
}
