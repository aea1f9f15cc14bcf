import AgentServer
import PeerState
import Testing

/// MCP 9.10: proofs of whoever posts to a webhook.
@Suite struct HookBookTests {
    /// RFC 4231, test case 2, with its key filled up to the length that is used here.
    @Test func `the proof is HMAC-SHA256`() {
        let key = Array("Jefe".utf8) + [UInt8](repeating: 0, count: 28)
        let message = Array("what do ya want for nothing?".utf8)
        let tag = HMAC.sha256(message, key: key)
        #expect(
            tag.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(HMAC.isSHA256(tag, of: message, key: key))
        #expect(!HMAC.isSHA256(tag, of: message + [0], key: key))
        #expect(!HMAC.isSHA256([], of: message, key: key))
    }
}
