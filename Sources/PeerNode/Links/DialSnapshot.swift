package import PeerState

/// An address the operator gave at which nobody is linked yet.
package struct DialSnapshot: Hashable, Sendable {
    package let address: String
    /// Who is to answer there, when that is known.
    package let peer: Peer.ID?
    /// Tries since it last worked.
    package let attempts: Int
    /// The word of what went wrong with the last one; `nil` before it has ended.
    package let problem: String?
}
