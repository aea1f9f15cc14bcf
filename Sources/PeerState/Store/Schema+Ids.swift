extension Schema {
    /// Finds events by the first eight bytes of their id: the index is a third of the size, so a
    /// commit of many events, whose ids are spread over all of it, writes fewer pages.
    ///
    /// A query says both `substr(id, 1, 8) = substr(?1, 1, 8)` and `id = ?1`: the first finds, the
    /// second decides. That an event stands in the table once, the index of chains sees to: an id is
    /// the hash of all that index holds.
    static let ids = """
        DROP INDEX events_id;
        CREATE INDEX events_id ON events(substr(id, 1, 8));
        """
}
