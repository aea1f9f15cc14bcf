extension StoreCore {
    /// Compares the high-water file with what the database holds of the owner's events.
    static func verdict(
        _ highWater: HighWater, in database: Database, owner: Peer.ID
    ) throws(StoreFailure) -> HighWaterVerdict {
        guard let image = highWater.image, image.origin != nil else {
            let hasOwn = try !ownHeads(of: owner, in: database).isEmpty
            return hasOwn || highWater.image != nil ? .missing : .fine
        }
        let gaps = try gaps(image.slots, in: database, owner: owner)
        if !gaps.isEmpty { return .behind(gaps) }
        return highWater.isInPlace ? .fine : .moved
    }

    private static func gaps(
        _ slots: [HighWaterImage.Slot], in database: Database, owner: Peer.ID
    ) throws(StoreFailure) -> [Server.ID: HeadGap] {
        let heads = try ownHeads(of: owner, in: database)
        let stored = Dictionary(heads.map { ($0.server, $0.seq) }) { first, _ in first }
        var gaps: [Server.ID: HeadGap] = [:]
        for slot in slots {
            switch slot {
            case .free: break
            case .torn(let server):
                gaps[server] = HeadGap(stored: stored[server] ?? 0, high: nil)
            case .head(let head):
                let sql: SQLText =
                    "SELECT 1 FROM events WHERE substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1"
                let isStored =
                    try database.first(sql, .identifier(head.id)) { _ in true } ?? false
                guard !isStored else { continue }
                gaps[head.server] = HeadGap(stored: stored[head.server] ?? 0, high: head.seq)
            }
        }
        return gaps
    }

    /// The owner's last event in every server.
    static func ownHeads(
        of owner: Peer.ID, in database: Database
    ) throws(StoreFailure) -> [OwnHead] {
        try database.rows(
            """
            SELECT s.id, e.seq, e.id
            FROM authors AS a CROSS JOIN servers AS s CROSS JOIN events AS e
            WHERE a.id = ?1 AND e.ref = (
                SELECT ref FROM events WHERE server = s.ref AND author = a.ref
                ORDER BY seq DESC, id DESC LIMIT 1)
            ORDER BY s.id
            """, .identifier(owner)
        ) { row throws(StoreFailure) in
            OwnHead(
                server: try row.identifier(0), seq: row.unsigned(1), id: try row.identifier(2))
        }
    }
}
