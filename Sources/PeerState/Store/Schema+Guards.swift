extension Schema {
    /// Gives every text the number by which damage is noticed, and an index of who takes part in
    /// which conversations that answers without the texts.
    static let guards = """
        ALTER TABLE texts ADD COLUMN guard INTEGER;
        UPDATE texts SET guard = \(TextGuard.sql());
        DROP INDEX texts_partakers;
        CREATE INDEX texts_partakers ON texts(author, thread, flags) WHERE thread IS NOT NULL;
        """
}
