import PeerState
import Testing

/// S-165: `with:` gives what a look at every message gives, whether the rows of partners are
/// gathered first or looked at as they come.
@Suite struct SearchPartnerTests {
    private static let people: [Peer.ID] = (0..<4).map { Made.id("partner \($0)") }

    struct Case: CustomTestStringConvertible, Sendable {
        let seed: UInt64
        let gathered: Int
        let partners: [Int]

        var testDescription: String { "seed \(seed), \(gathered) rows, with \(partners)" }
    }

    static let cases: [Case] = [UInt64(7), 8].flatMap { seed in
        [0, 3, Limits.searchPartnerRows].flatMap { gathered in
            [[0], [1], [0, 1], [1, 0, 1], [2, 2], [0, 1, 2], [3]].map {
                Case(seed: seed, gathered: gathered, partners: $0)
            }
        }
    }

    /// Conversations of two people who wrote much and two who wrote little; some is deleted again.
    private static func filled(
        _ seed: UInt64
    ) throws -> (fixture: ViewsFixture, ids: [Event.ID], threads: [Event.ID: Event.ID]) {
        var random = SeededRandom(seed: seed)
        let fixture = try ViewsFixture()
        var ids: [Event.ID] = []
        var threads: [Event.ID: Event.ID] = [:]
        for number in 0..<400 {
            let draw = Int.random(in: 0..<20, using: &random)
            let author = people[draw < 10 ? 0 : draw < 18 ? 1 : draw - 16]
            let parent =
                Int.random(in: 0..<3, using: &random) == 0
                ? ids.randomElement(using: &random) : nil
            let word = number.isMultiple(of: 5) ? "rare" : "common"
            let id = try fixture.post("\(word) \(number)", by: author, parent: parent)
            threads[id] = parent.flatMap { threads[$0] } ?? id
            ids.append(id)
        }
        for id in ids where Int.random(in: 0..<8, using: &random) == 0 { try fixture.remove(id) }
        return (fixture, ids, threads)
    }

    @Test(arguments: cases)
    func `S-165 partners equal a full scan`(_ example: Case) throws {
        let (fixture, ids, threads) = try Self.filled(example.seed)
        let partners = example.partners.map { Self.people[$0] }
        var takers: [Event.ID: Set<Peer.ID>] = [:]
        for id in ids where fixture.plain[id] != nil {
            takers[threads[id] ?? id, default: []].insert(fixture.authors[id] ?? Made.id("none"))
        }
        for word in ["rare", "common"] {
            let expected = ids.reversed().filter { id in
                fixture.plain[id]?.text.hasPrefix(word) == true
                    && takers[threads[id] ?? id]?.isSuperset(of: partners) == true
            }
            let found = try fixture.search(word) {
                $0.partners = partners
                $0.partnerRowsMax = example.gathered
                $0.limit = 1_000
            }
            #expect(found == expected.compactMap { fixture.plain[$0]?.text })
        }
    }

    @Test func `somebody who wrote nothing has no conversations`() throws {
        let (fixture, ids, _) = try Self.filled(9)
        for id in ids where fixture.authors[id] == Self.people[2] { try fixture.remove(id) }
        #expect(try fixture.search("common") { $0.partners = [Self.people[2]] }.isEmpty)
        #expect(try !fixture.search("common") { $0.partners = [Self.people[3]] }.isEmpty)
    }
}
