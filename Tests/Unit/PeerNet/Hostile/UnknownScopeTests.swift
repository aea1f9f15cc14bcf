import PeerNet
import PeerState
import PeerTesting
import Testing

/// Comparisons of what this version cannot compare (PROTOCOL 9.2, 13).
@Suite struct UnknownScopeTests {
    private static let link = SyncCoreTests.link

    /// Encoded scopes of a later version: a number, and arrays of any shape that begin with one.
    static let unknown: [[UInt8]] = [
        [0x04], [0x18, 0x64], [0x81, 0x04], [0x82, 0x05, 0x61, 0x61],
        [0x83, 0x18, 0x2a, 0x82, 0x01, 0xf6, 0xa1, 0x01, 0x40],
    ]

    /// Encoded scopes that are of no version.
    static let malformed: [[UInt8]] = [
        [0x02], [0x03], [0x80], [0x81, 0x02], [0x82, 0x00, 0x01], [0x82, 0x01, 0x01],
        [0x82, 0x02, 0x41, 0x01], [0x82, 0x40, 0x04], [0xf6], [0x61, 0x61],
    ]

    /// A first message about a scope, by a peer that was dialled.
    private static func frame(_ scope: [UInt8], exchange: UInt64) throws -> [UInt8] {
        var elements = try SyncMessageTests.elements(
            SyncReconcileTests.neg(exchange, [0x61]).bytes)
        elements[2] = scope
        return SyncMessageTests.frame(elements)
    }

    private static func isBadFrame(_ effects: [SyncCore.Effect]) -> Bool {
        effects.contains { if case .badFrame = $0 { true } else { false } }
    }

    @Test(arguments: unknown)
    func `a scope above 3 is unknown, and no bad frame`(scope: [UInt8]) throws {
        var node = SyncCoreTests.node(toyChain(toyPeer(9), SyncCoreTests.home, 2))
        _ = node.handle(toyUp(1, 2))
        for exchange: UInt64 in [2, 4, 6, 8] {
            let bytes = try Self.frame(scope, exchange: exchange)
            #expect(try SyncMessage(decoding: bytes).bytes == bytes)
            let effects = node.handle(.frame(Self.link, bytes))
            let answers = try toyMessages(effects)
            guard answers.count == 1, case .reject(let reject) = answers[0] else {
                Issue.record("\(answers)")
                continue
            }
            #expect(reject.code == "unknownScope" && reject.about == 14)
            #expect(reject.reference == exchange)
            #expect(!Self.isBadFrame(effects))
        }
        #expect(node.core.scores.standing(of: toyPeer(2), .zero) == .full)
    }

    @Test(arguments: malformed)
    func `what is no scope of any version is a bad frame`(scope: [UInt8]) throws {
        var node = SyncCoreTests.node(toyChain(toyPeer(9), SyncCoreTests.home, 2))
        _ = node.handle(toyUp(1, 2))
        let effects = node.handle(.frame(Self.link, try Self.frame(scope, exchange: 2)))
        #expect(try SyncReconcileTests.rejects(effects) == ["badFrame"])
        #expect(Self.isBadFrame(effects))
    }

    @Test func `a stranger is told what he is, whatever the scope`() throws {
        var node = ToyNode(1)
        _ = node.handle(toyUp(1, 2))
        let effects = node.handle(.frame(Self.link, try Self.frame([0x04], exchange: 2)))
        #expect(try SyncReconcileTests.rejects(effects) == ["notMember"])
    }
}
