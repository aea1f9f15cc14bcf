import PeerNet
import PeerState
import PeerTesting
import Testing

/// What is asked for though heads do not show it plainly.
@Suite struct SyncSeekingTests {
    private static let home = toyServer(1)
    private static let link = LinkID(1)

    /// Pushes brought the latest event of an author nobody here has stored anything of.
    @Test func `a chain is asked for though its head waits here already`() throws {
        let chain = toyChain(toyPeer(3), Self.home, 5)
        var node = SyncCoreTests.node(members: [2, 3])
        _ = node.handle(toyUp(1, 2))
        #expect(node.replica.insert(chain[4]).isEmpty, "it waits")
        let wants = try SyncCoreTests.learn(
            &node, [(toyPeer(3), SyncCoreTests.head(chain[4]))], from: Self.link)
        #expect(wants.map(\.ranges) == [[SeqRange(author: toyPeer(3), from: 1, to: 5)]])
    }

    @Test(arguments: [false, true])
    func `S-213 own events are taken from strangers while some may be missing, and nothing else`(
        isSeeking: Bool
    ) throws {
        let own = toyChain(toyPeer(1), Self.home, 3)
        var node = SyncCoreTests.node(Array(own[..<2]), members: [1])
        node.replica.seeks = isSeeking
        _ = node.handle(toyUp(1, 2))
        let sent = try toyMessages(node.receive(SyncCoreTests.hello([:]), Self.link))
        guard isSeeking else {
            #expect(sent.map(\.type) == [23], "refused, and nothing more")
            return
        }
        guard sent.count == 2, case .want(_, let id, let ranges, _) = sent[1] else {
            Issue.record("no want")
            return
        }
        #expect(ranges == [SeqRange(author: toyPeer(1), from: 3, to: Limits.maxSeq)])
        let again = try toyMessages(node.receive(SyncCoreTests.hello([:]), Self.link))
        #expect(again.map(\.type) == [23], "once per link")
        let foreign = toyChain(toyPeer(3), Self.home, 1)[0]
        let bytes = own[2].envelope.count + foreign.envelope.count
        _ = node.receive(.preSync(Self.home, id: id, events: 2, bytes: UInt64(bytes)), Self.link)
        let taken = node.receive(
            .events(Self.home, id: id, [foreign.envelope, own[2].envelope], isLast: true),
            Self.link)
        #expect(taken.contains(.deliver(Self.home, [own[2].envelope], from: Self.link, wantID: id)))
        let pushed = node.receive(.push(Self.home, round: 0, foreign.envelope), Self.link)
        #expect(try toyMessages(pushed).map(\.type) == [23])
    }
}
