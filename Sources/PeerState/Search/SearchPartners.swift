/// Whose conversations are searched, and how the index is asked for them.
///
/// What somebody wrote, and all of a conversation in which they wrote, is usually little beside
/// what the words match: then those rows are gathered once, and a row of the index is looked up
/// only if it is among them. Rows that are many are met soon anyway, and are looked at one by one.
struct SearchPartners {
    /// Row numbers of people, ascending and each once.
    let authors: [Int64]
    /// Whether their rows are gathered first.
    var areGathered = false

    init(_ authors: [Int64]) {
        self.authors = Set(authors).sorted()
    }

    /// Rows that count as theirs: `?first` and what follows stand for the people, and the last for
    /// the index's own name of a single one.
    ///
    /// Where there are several, one of them wrote the row at most, so it stands in a conversation.
    func rows(first: Int) -> String {
        let conversations = authors.indices.map {
            """
            SELECT DISTINCT thread FROM texts INDEXED BY texts_partakers
            WHERE author = ?\(first + $0) AND thread IS NOT NULL AND flags & 8 = 0
            """
        }
        let taken = """
            SELECT t.ref FROM (\(conversations.joined(separator: " INTERSECT "))) AS o
            CROSS JOIN texts AS t INDEXED BY texts_thread ON t.thread = o.thread
            """
        guard authors.count == 1 else { return taken }
        return "SELECT rowid FROM search WHERE search MATCH ?\(first + 1) UNION ALL \(taken)"
    }

    /// What `rows` is given.
    var rowValues: [SQLValue] {
        authors.count == 1 ? people + [.text("facets : a\(authors[0])")] : people
    }

    /// What `condition` is given.
    var values: [SQLValue] { areGathered ? rowValues : people }

    private var people: [SQLValue] { authors.map { .integer($0) } }

    /// What a row of the search has to fulfil; `?first` and what follows are `values`.
    ///
    /// The sign keeps the index from being asked once per gathered row.
    func condition(first: Int) -> String {
        guard !areGathered else { return " AND +search.rowid IN (\(rows(first: first)))" }
        return authors.indices.map {
            """
             AND (t.author = ?\(first + $0) OR EXISTS (
                SELECT 1 FROM texts AS o INDEXED BY texts_partakers
                WHERE o.author = ?\(first + $0) AND o.thread = t.thread AND o.flags & 8 = 0))
            """
        }.joined()
    }
}

extension StoreCore {
    /// - Parameter most: with how many rows gathering them ends to be worth while.
    /// - Returns: `nil` when nothing is theirs.
    func searchPartners(
        _ authors: [Int64], gathering most: Int
    ) throws(StoreFailure) -> SearchPartners? {
        var partners = SearchPartners(authors)
        guard !partners.authors.isEmpty else { return partners }
        let sql: SQLText = "SELECT count(*) FROM (\(partners.rows(first: 2)) LIMIT ?1)"
        let count = try database.with(sql, [.integer(Int64(most) + 1)] + partners.rowValues) {
            row throws(StoreFailure) in try row.step() ? row.integer(0) : 0
        }
        guard count > 0 else { return nil }
        partners.areGathered = count <= most
        return partners
    }
}

extension Limits {
    /// Rows of partners that a search gathers before it walks the index.
    package static let searchPartnerRows = 16_384
}
