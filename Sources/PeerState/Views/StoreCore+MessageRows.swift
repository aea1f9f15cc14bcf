extension StoreCore {
    func message(at reference: Int64) throws(StoreFailure) -> StoredMessage? {
        try database.first(Self.texts.byReference, .integer(reference)) {
            row throws(StoreFailure) in try Self.message(row)
        }
    }

    /// Statements for messages, put together once.
    struct MessageTexts {
        let byReference = SQLText(kept: "\(StoreCore.messageColumns()) WHERE t.ref = ?1")
        private let ofChannel: [SQLText]
        private let ofThread: [SQLText]

        init() {
            var scope = TextScope(channel: 0, since: nil)
            ofChannel = [Self.listing(scope, .after), Self.listing(scope, .before)]
            scope.thread = 0
            ofThread = [Self.listing(scope, .after), Self.listing(scope, .before)]
        }

        /// Beyond the place in ?2 to ?6, nearest first, not before ?7, at most ?9.
        func listing(of scope: TextScope, _ direction: TextScope.Direction) -> SQLText {
            (scope.thread == nil ? ofChannel : ofThread)[direction == .after ? 0 : 1]
        }

        private static func listing(
            _ scope: TextScope, _ direction: TextScope.Direction
        ) -> SQLText {
            let order = direction == .after ? "" : " DESC"
            return SQLText(
                kept: """
                    \(StoreCore.messageColumns(scope.index)) WHERE \(scope.condition)
                    AND \(direction.condition)
                    AND (?7 IS NULL OR min(t.wall_ms, t.stored_ms + ?8) >= ?7)
                    ORDER BY t.lamport\(order), t.author_order\(order), a.id\(order),
                        t.seq\(order), e.id\(order) LIMIT ?9
                    """)
        }
    }

    // SAFETY: its characters are written before anyone has it, and never changed or freed.
    nonisolated(unsafe) static let texts = MessageTexts()

    /// What `message` reads, from texts as `t`, its event as `e` and its author as `a`.
    ///
    /// - Parameter index: that must be used; `nil` = the row's number.
    static func messageColumns(_ index: String? = nil) -> String {
        """
        SELECT e.id, a.id, t.lamport, t.seq, s.id, c.id, t.text, t.flags, t.wall_ms, t.stored_ms,
            t.feed, t.channel_seq, t.principal, p.id, r.id, k.id, w.id, wa.id,
            fi.attachments
        FROM texts AS t\(index.map { " INDEXED BY " + $0 } ?? "")
        CROSS JOIN events AS e ON e.ref = t.ref CROSS JOIN authors AS a ON a.ref = t.author
        CROSS JOIN servers AS s ON s.ref = t.server CROSS JOIN channels AS c ON c.ref = t.channel
        LEFT JOIN events AS p ON p.ref = t.parent LEFT JOIN events AS r ON r.ref = t.thread
        LEFT JOIN events AS k ON k.ref = t.epoch LEFT JOIN events AS w ON w.ref = t.source
        LEFT JOIN authors AS wa ON wa.ref = w.author LEFT JOIN files AS fi ON fi.message = t.ref
        """
    }

    static func message(_ row: borrowing Statement) throws(StoreFailure) -> StoredMessage {
        StoredMessage(
            server: try row.identifier(4), channel: try row.identifier(5),
            position: OrderKey(
                lamport: row.unsigned(2), author: try row.identifier(1), seq: row.unsigned(3),
                id: try row.identifier(0)),
            text: row.text(6), parent: try row.optionalIdentifier(13),
            root: try row.optionalIdentifier(14), epoch: try row.optionalIdentifier(15),
            flags: TextFlags(rawValue: row.integer(7)), wallMilliseconds: row.unsigned(8),
            storedMilliseconds: row.unsigned(9), feed: row.unsigned(10),
            channelSeq: row.unsigned(11), principal: row.isNull(12) ? nil : row.text(12),
            source: try row.optionalIdentifier(16), sourceAuthor: try row.optionalIdentifier(17),
            attachments: try AttachmentList.decode(row.bytes(18)))
    }
}

extension Statement {
    /// - Errors: `corrupt` for anything but NULL or 32 bytes.
    func optionalIdentifier<Kind>(_ column: Int32) throws(StoreFailure) -> Identifier<Kind>? {
        isNull(column) ? nil : try identifier(column)
    }
}
