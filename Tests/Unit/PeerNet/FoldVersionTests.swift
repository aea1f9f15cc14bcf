import PeerNet
import PeerState
import PeerTesting
import Testing

/// Peers that fold by other rules sync and do not compare states (PROTOCOL 14).
@Suite struct FoldVersionTests {
    private static let home = SyncCoreTests.home
    private static let link = SyncCoreTests.link

    @Test func `a state is told to those who fold alike, as their last Hello says`() throws {
        let events = toyChain(toyPeer(2), Self.home, 3)
        var node = SyncCoreTests.node(events)
        _ = node.handle(toyUp(1, 2))
        let ask = SyncMessage.stateAsk(Self.home, nonce: 7, wantSections: true)
        for version in [1, 2, 1, UInt64.max] {
            guard
                case .hello(_, var hello) = SyncCoreTests.hello(
                    node.replica.heads(of: Self.home))
            else { return }
            hello.foldVersion = version
            let greeted = node.receive(.hello(Self.home, hello), Self.link)
            #expect(greeted.contains(.caughtUp(Self.home, Self.link)), "they sync all the same")
            #expect(node.core.foldsAlike(Self.link, on: Self.home) == (version == 1))
            let effects = node.receive(ask, Self.link)
            let answers = try toyMessages(effects)
            if version == 1 {
                #expect(answers.map(\.type) == [41])
                continue
            }
            #expect(try SyncReconcileTests.rejects(effects) == ["versionMismatch"])
            #expect(effects.count == 1, "no doubt either")
        }
    }
}
