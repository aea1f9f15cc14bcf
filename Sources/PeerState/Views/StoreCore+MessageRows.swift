extension StoreCore {
    func message(at reference: Int64) throws(StoreFailure) -> StoredMessage? {
        try database.first(Self.texts.byReference, .integer(reference)) {
            row throws(StoreFailure) in try Self.message(row)
        }
    }

    /// Statements for messages, put together once.
    struct MessageTexts {
        let byReference = SQLText(kept: "\(StoreCore.messageColumns()) WHERE t.ref = ?1")
        let sealedByReference = SQLText(kept: "\(StoreCore.sealedColumns()) WHERE t.ref = ?1")
        private let listings: [Listing: SQLText]

        private struct Listing: Hashable {
            let table: TextScope.Table
            let direction: TextScope.Direction
            let isThread: Bool
        }

        init() {
            var listings: [Listing: SQLText] = [:]
            for table in TextScope.Table.allCases {
                for direction in [TextScope.Direction.after, .before] {
                    for isThread in [false, true] {
                        var scope = TextScope(channel: 0, since: nil)
                        if isThread { scope.thread = 0 }
                        let kind = Listing(table: table, direction: direction, isThread: isThread)
                        listings[kind] = Self.listing(scope, table, direction)
                    }
                }
            }
            self.listings = listings
        }

        /// Beyond the place in ?2 to ?6, nearest first, not before ?7, at most ?9.
        func listing(
            of scope: TextScope, in table: TextScope.Table, _ direction: TextScope.Direction
        ) -> SQLText {
            let kind = Listing(
                table: table, direction: direction, isThread: scope.thread != nil)
            return listings[kind] ?? Self.listing(scope, table, direction)
        }

        private static func listing(
            _ scope: TextScope, _ table: TextScope.Table, _ direction: TextScope.Direction
        ) -> SQLText {
            let order = direction == .after ? "" : " DESC"
            let index = scope.index(of: table)
            let columns =
                table == .texts
                ? StoreCore.messageColumns(index) : StoreCore.sealedColumns(index)
            // What is sealed has these two in its event alone.
            let row = table == .texts ? "t" : "e"
            return SQLText(
                kept: """
                    \(columns) WHERE \(scope.condition)
                    AND \(direction.condition)
                    AND (?7 IS NULL OR min(t.wall_ms, \(row).stored_ms + ?8) >= ?7)
                    ORDER BY t.lamport\(order), t.author_order\(order), a.id\(order),
                        \(row).seq\(order), e.id\(order) LIMIT ?9
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

    /// The same from sealed messages as `t`.
    static func sealedColumns(_ index: String? = nil) -> String {
        """
        SELECT e.id, a.id, t.lamport, e.seq, s.id, c.id, '', t.flags, t.wall_ms, e.stored_ms,
            0, 0, NULL, p.id, r.id, k.id, w.id, wa.id, NULL
        FROM sealed_texts AS t\(index.map { " INDEXED BY " + $0 } ?? "")
        CROSS JOIN events AS e ON e.ref = t.ref CROSS JOIN authors AS a ON a.ref = e.author
        CROSS JOIN servers AS s ON s.ref = e.server CROSS JOIN channels AS c ON c.ref = t.channel
        LEFT JOIN events AS p ON p.ref = t.parent LEFT JOIN events AS r ON r.ref = t.thread
        LEFT JOIN events AS k ON k.ref = t.epoch LEFT JOIN events AS w ON w.ref = t.source
        LEFT JOIN authors AS wa ON wa.ref = w.author
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
