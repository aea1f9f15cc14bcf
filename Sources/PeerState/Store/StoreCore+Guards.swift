extension StoreCore {
    /// Texts that are no longer what was written; their events say what belongs there.
    func damagedTexts() throws(StoreFailure) -> [IntegrityFinding] {
        let names = try database.rows(
            """
            SELECT e.id FROM texts AS t LEFT JOIN events AS e ON e.ref = t.ref
            WHERE t.guard IS NOT \(TextGuard.sql(
                ref: "t.ref", seq: "t.seq", parent: "t.parent", source: "t.source",
                epoch: "t.epoch", text: "t.text"))
            LIMIT \(Limits.integrityFindings)
            """
        ) { String($0.bytes(0).hex.prefix(16)) }
        return names.map {
            IntegrityFinding(
                .rebuild,
                "the text of message \($0) is damaged; run: peer-agent doctor --rebuild")
        }
    }
}
