extension Schema {
    /// Adds what this node can read, how it is found, and what makes a restart short.
    ///
    /// A text shares its number with the event it came in, so that no id is stored or indexed
    /// twice. `author_order` is the first eight bytes of the author's id as a signed number of the
    /// same order: with `lamport` it decides canonical order in practice, and the rest of the key
    /// is compared only where both are equal. Only replies, and what they answer, have a `thread`.
    static let texts = """
        CREATE TABLE channels(
            ref INTEGER PRIMARY KEY,
            server INTEGER NOT NULL REFERENCES servers(ref), id BLOB NOT NULL,
            last_seq INTEGER NOT NULL, last_foreign INTEGER NOT NULL,
            UNIQUE (server, id)) STRICT;
        CREATE TABLE kept_arrivals(
            ref INTEGER PRIMARY KEY, feed INTEGER NOT NULL, channel_seq INTEGER NOT NULL,
            flags INTEGER NOT NULL, principal TEXT) STRICT;
        ALTER TABLE marks ADD COLUMN lamport INTEGER;
        ALTER TABLE marks ADD COLUMN author BLOB;
        ALTER TABLE marks ADD COLUMN seq INTEGER;
        ALTER TABLE marks ADD COLUMN event BLOB;
        \(derived)
        """

    /// The tables that follow from events and keys, and can be dropped and filled again.
    ///
    /// `texts_facts` lets a search reject what it finds without reading rows full of text.
    static let derived = """
        CREATE TABLE texts(
            ref INTEGER PRIMARY KEY REFERENCES events(ref),
            server INTEGER NOT NULL REFERENCES servers(ref),
            channel INTEGER NOT NULL REFERENCES channels(ref),
            author INTEGER NOT NULL, lamport INTEGER NOT NULL, author_order INTEGER NOT NULL,
            seq INTEGER NOT NULL, thread INTEGER, parent INTEGER, source INTEGER, epoch INTEGER,
            flags INTEGER NOT NULL, feed INTEGER NOT NULL, channel_seq INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL, stored_ms INTEGER NOT NULL, principal TEXT,
            text TEXT NOT NULL) STRICT;
        CREATE INDEX texts_order ON texts(channel, lamport, author_order, flags, principal);
        CREATE INDEX texts_arrival ON texts(channel, feed, flags, principal);
        CREATE INDEX texts_late ON texts(channel, feed) WHERE flags & 16;
        CREATE INDEX texts_thread ON texts(thread, lamport, author_order)
            WHERE thread IS NOT NULL;
        CREATE INDEX texts_partakers ON texts(thread, author) WHERE thread IS NOT NULL;
        CREATE INDEX texts_facts ON texts(ref, channel, wall_ms, stored_ms, thread, author);
        CREATE TABLE mentions(
            message INTEGER NOT NULL REFERENCES texts(ref), peer INTEGER NOT NULL,
            PRIMARY KEY (message, peer)) STRICT, WITHOUT ROWID;
        CREATE INDEX mentions_peer ON mentions(peer, message);
        CREATE VIEW searchable(ref, text, facets) AS
            SELECT ref, text, 's' || server || ' c' || channel || ' a' || author
                || iif(flags & 64, ' hf', '') || iif(flags & 128, ' hl', '')
                || iif(flags & 1, ' hm', '')
            FROM texts WHERE flags & 8 = 0;
        CREATE VIRTUAL TABLE search USING fts5(
            text, facets, content = 'searchable', content_rowid = 'ref',
            tokenize = 'unicode61 remove_diacritics 2');
        CREATE TABLE checkpoints(
            server INTEGER PRIMARY KEY REFERENCES servers(ref),
            fold_version INTEGER NOT NULL, frontier BLOB NOT NULL, state BLOB NOT NULL,
            at_ms INTEGER NOT NULL, parts INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
        CREATE TABLE checkpoint_parts(
            server INTEGER NOT NULL REFERENCES checkpoints(server), number INTEGER NOT NULL,
            hash BLOB NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (server, number)) STRICT;
        """

    /// How messages arrived whose text waits to be written (`DeferredTexts`).
    static let unwritten = """
        CREATE TABLE unwritten_texts(
            ref INTEGER PRIMARY KEY REFERENCES events(ref), feed INTEGER NOT NULL,
            channel_seq INTEGER NOT NULL, flags INTEGER NOT NULL, principal TEXT) STRICT;
        """

    /// Undoes `derived`.
    static let dropDerived = """
        DROP TABLE IF EXISTS search;
        DROP VIEW IF EXISTS searchable;
        DROP TABLE IF EXISTS mentions;
        DROP TABLE IF EXISTS texts;
        DROP TABLE IF EXISTS sealed_texts;
        DROP TABLE IF EXISTS checkpoint_parts;
        DROP TABLE IF EXISTS checkpoints;
        """

    /// Everything that must be readable for a node to work.
    static let tables = [
        "instance", "servers", "authors", "events", "feed", "epoch_keys", "prekeys", "marks",
        "sent",
        "settings", "channels", "kept_arrivals", "texts", "mentions", "search", "checkpoints",
        "checkpoint_parts", "unwritten_texts", "sealed_texts", "chunks", "files",
    ]
}
