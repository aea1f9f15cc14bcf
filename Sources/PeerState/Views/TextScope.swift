/// Which messages a page is cut from, and how the database finds them.
struct TextScope {
    enum Direction {
        case after, before

        var sign: String { self == .after ? ">" : "<" }

        /// Strictly beyond the place in ?2 to ?6.
        ///
        /// The index holds lamport and the beginning of the author; only what is equal in both is
        /// looked up.
        var condition: String {
            """
            (t.lamport, t.author_order) \(sign)= (?2, ?3)
            AND (t.lamport <> ?2 OR t.author_order <> ?3 OR \(conditionOfSame))
            """
        }

        /// The same among those of that lamport.
        var conditionOfSameLamport: String {
            """
            t.lamport = ?2 AND t.author_order \(sign)= ?3
            AND (t.author_order <> ?3 OR \(conditionOfSame))
            """
        }

        private var conditionOfSame: String {
            """
            (SELECT (ta.id, te.seq, te.id) \(sign) (?4, ?5, ?6)
                FROM events AS te CROSS JOIN authors AS ta
                WHERE te.ref = t.ref AND ta.ref = te.author)
            """
        }
    }

    let channel: Int64
    var thread: Int64?
    /// ms since 1970.
    var since: UInt64?
    /// Whether messages whose key is not here stand between the others.
    var showsSealed = false

    init(channel: Int64, since: UInt64?) {
        self.channel = channel
        self.since = since
    }

    var condition: String { thread == nil ? "t.channel = ?1" : "t.thread = ?1" }

    enum Table: CaseIterable {
        case texts, sealed

        var name: String { self == .texts ? "texts" : "sealed_texts" }
    }

    var tables: [Table] { showsSealed ? Table.allCases : [.texts] }

    func index(of table: Table) -> String {
        (table == .texts ? "texts_" : "sealed_") + (thread == nil ? "order" : "thread")
    }
}

extension OrderKey {
    /// As parameters ?2 to ?6 of a condition.
    var values: [SQLValue] {
        [
            .unsigned(lamport), .integer(authorOrder), .identifier(author), .unsigned(seq),
            .identifier(id),
        ]
    }

    package static let lowest = first(lamport: 0, author: Peer.ID(lowestID), seq: 0)
    /// Before every event with this lamport.
    package static func beginning(of lamport: UInt64) -> Self {
        first(lamport: lamport, author: Peer.ID(lowestID), seq: 0)
    }
    static let highest = last(
        lamport: UInt64(Int64.max), author: Peer.ID(highestID), seq: UInt64(Int64.max))

    private static let lowestID = filled(0)
    private static let highestID = filled(.max)

    static func filled(_ byte: UInt8) -> Event.ID {
        guard let id = Event.ID([UInt8](repeating: byte, count: Event.ID.byteCount)) else {
            preconditionFailure("an id of 32 bytes")
        }
        return id
    }
}

extension TextAnchor {
    /// Whether reading goes on towards newer messages.
    var isForward: Bool {
        switch self {
        case .after, .oldest, .arrived: true
        case .newest, .before, .around: false
        }
    }

    /// The edge of a page that turned out empty.
    var place: OrderKey {
        switch self {
        case .after(let place), .before(let place): place
        case .oldest, .around, .arrived: .lowest
        case .newest: .highest
        }
    }
}
