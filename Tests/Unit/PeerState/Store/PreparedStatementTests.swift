import PeerState
import Testing

@Suite struct PreparedStatementTests {
    /// A node that had asked many things once prepared the insertion of each text anew.
    @Test func `a statement in use stays prepared, however many others there are`() throws {
        let database = try Database(path: ":memory:")
        func ask(_ sql: SQLText) throws -> Int64? {
            try database.first(sql) { $0.integer(0) }
        }
        for number in 0..<(2 * Limits.cachedStatements) {
            #expect(try ask("SELECT \(number)") == Int64(number))
        }
        #expect(database.preparations == 2 * Limits.cachedStatements)
        // Asked last, and then for each of many things that are asked once.
        let last = 2 * Limits.cachedStatements - 1
        for number in 1_000..<(1_000 + 2 * Limits.cachedStatements) {
            #expect(try ask("SELECT \(last)") == Int64(last))
            #expect(try ask("SELECT \(number)") == Int64(number))
        }
        #expect(database.preparations == 4 * Limits.cachedStatements)
    }

    @Test func `one that is lent is not given up for another`() throws {
        let database = try Database(path: ":memory:")
        var answers: [Int64?] = []
        let seen = try database.rows("SELECT 1 UNION ALL SELECT 2 ORDER BY 1") {
            row throws(StoreFailure) in
            for number in 0..<(2 * Limits.cachedStatements) {
                let made: SQLText = "SELECT \(number)"
                answers.append(try database.first(made) { $0.integer(0) })
            }
            return row.integer(0)
        }
        #expect(seen == [1, 2])
        #expect(answers.count == 4 * Limits.cachedStatements)
        #expect(answers[0] == 0 && answers.last == Int64(2 * Limits.cachedStatements - 1))
    }
}
