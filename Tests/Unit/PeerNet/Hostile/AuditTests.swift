import PeerNet
import PeerState
import Testing

/// Frames at and beyond their bounds (PROTOCOL 8.3, 9.1, 12.2).
@Suite struct AuditTests {
    /// Grants may have elements that nobody knows, so each may be as large as an event can be.
    @Test func `an offer of large events is no larger than a frame`() throws {
        var node = SyncCoreTests.node()
        node.replica.held[SyncCoreTests.home]?.offer = Array(
            repeating: [UInt8](repeating: 1, count: Limits.maxEnvelope), count: 3)
        _ = node.handle(toyUp(1, 2))
        let reject = SyncMessage.Reject(server: SyncCoreTests.home, about: 10, code: "notMember")
        let effects = node.receive(.reject(reject), SyncCoreTests.link)
        for case .send(_, let bytes) in effects { #expect(bytes.count <= Limits.maxFrame) }
    }

    @Test func `a scope above 3 is unknown, and no bad frame`() throws {
        let server = SyncCoreTests.home
        var node = SyncCoreTests.node(toyChain(toyPeer(9), server, 2))
        _ = node.handle(toyUp(1, 2))
        let known = SyncMessage.neg(
            server,
            SyncMessage.Neg(
                scope: .events, exchange: 2, salt: [UInt8](repeating: 1, count: 32),
                bytes: [0x61])
        ).bytes
        // The scope is the first field after the server's id.
        let id = try #require(known.indices.first { known[$0...].starts(with: server.bytes) })
        var bytes = known
        let place = id + server.bytes.count
        try #require(bytes[place] == 1)
        bytes[place] = 4
        let effects = node.handle(.frame(SyncCoreTests.link, bytes))
        #expect(try SyncReconcileTests.rejects(effects) == ["unknownScope"])
        #expect(
            !effects.contains {
                if case .badFrame = $0 { true } else { false }
            })
    }

    /// Two presences and a farewell at once: whoever follows 11 (1 per 5 s) loses the farewell.
    @Test func `the one offline that is said is taken`() {
        var core = EphemeralCore(me: EphemeralCoreTests.me)
        typealias Core = EphemeralCoreTests
        #expect(Core.drop(&core, Core.frame(.presence, 1, at: 0), at: 0) == nil)
        #expect(Core.drop(&core, Core.frame(.presence, 2, at: 5_000), at: 5_000) == nil)
        #expect(Core.drop(&core, Core.frame(.presence, 3, at: 6_000), at: 6_000) == .authorRate)
    }
}
