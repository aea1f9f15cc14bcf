import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct PostponedAuthorsTests {
    static func at(_ milliseconds: UInt64) -> Instant { .zero + Milliseconds(milliseconds) }

    @Test func `an author is asked for in turns, as far as his quota paid`() {
        var postponed = PostponedAuthors()
        let author = toyPeer(9)
        #expect(postponed.reach(of: author, own: 500, claimed: 900, .zero) == 900)
        postponed.noteOver(author, .zero)
        for _ in 0..<30 { postponed.notePaid(author) }
        #expect(postponed.turnAt == Self.at(1_500))
        #expect(postponed.reach(of: author, own: 500, claimed: 900, Self.at(1_499)) == nil)
        postponed.noteOver(author, Self.at(1_499))
        postponed.take(Self.at(1_500)) { _ in true }
        #expect(postponed.reach(of: author, own: 500, claimed: 900, Self.at(1_500)) == 530)
        #expect(postponed.reach(of: author, own: 500, claimed: 510, Self.at(1_500)) == 510)
        postponed.noteAsked(author, 30)
        #expect(postponed.reach(of: author, own: 530, claimed: 900, Self.at(1_500)) == nil)
        postponed.take(Self.at(2_000)) { _ in true }
        #expect(postponed.turnAt == Self.at(3_000), "no turn before its time")
        postponed.noteOver(author, Self.at(2_999))
        postponed.take(Self.at(3_000)) { _ in true }
        let unpaid = postponed.reach(of: author, own: 530, claimed: 900, Self.at(3_000))
        #expect(unpaid == nil, "nothing was paid for since")
    }

    @Test func `who is calm is asked for whole and soon is like any other`() {
        var postponed = PostponedAuthors()
        let author = toyPeer(9)
        postponed.noteOver(author, .zero)
        postponed.take(Self.at(1_500)) { _ in true }
        #expect(postponed.reach(of: author, own: 500, claimed: 9_000, Self.at(1_500)) == 9_000)
        postponed.noteAsked(author, 8_500)
        postponed.take(Self.at(3_000)) { _ in false }
        #expect(postponed.holds(author), "a moment longer")
        postponed.take(Self.at(4_500)) { _ in false }
        postponed.take(Self.at(6_000)) { _ in false }
        #expect(postponed.isEmpty && postponed.turnAt == nil)
    }

    @Test func `who claims what never comes does not hold an author back for ever`() {
        var postponed = PostponedAuthors()
        postponed.noteOver(toyPeer(9), .zero)
        var now: UInt64 = 0
        while let turn = postponed.turnAt {
            now = turn.milliseconds(since: .zero)
            postponed.take(turn) { _ in true }
        }
        #expect((60_000...61_500).contains(now))
    }

    @Test func `only so many are remembered`() {
        var postponed = PostponedAuthors()
        for number in 0..<Limits.postponedAuthors {
            let isKept = postponed.noteOver(toyPeer(number), .zero)
            #expect(isKept)
        }
        let more = postponed.noteOver(toyPeer(100_000), .zero)
        #expect(!more)
        let again = postponed.noteOver(toyPeer(7), Self.at(5))
        #expect(again)
        #expect(postponed.count == Limits.postponedAuthors)
    }
}
