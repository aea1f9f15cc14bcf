/// Which check of the handshake failed; peers and logs see `badHandshake` for all of them.
///
/// - Source: PROTOCOL 8.1.
package enum HandshakeProblem: String, Error, Sendable, CaseIterable {
    case emptyMessage = "a message of length 0"
    case firstMessage = "message 1 is not exactly 32 bytes"
    /// Authentication or key agreement; most often another version or network.
    case noise = "the messages do not fit"
    case payload = "the payload is too long or not what it should be"
    case timeout = "not finished in time"
    case signature = "the signature is not of this handshake"
    /// We reached ourselves, so the address is of no use.
    case ownIdentity = "the other side has our own identity"
    case otherIdentity = "not the peer that was dialled"
}
