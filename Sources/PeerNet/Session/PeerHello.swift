package import PeerState

/// What a finished handshake has proved about the other side.
package struct PeerHello: Hashable, Sendable {
    package let identity: Peer.ID
    /// 16 bytes naming the life of its data directory.
    package let incarnation: [UInt8]
    /// Bits of `Feature`; unknown ones mean nothing.
    package let features: UInt64
    /// Where it listens, at the address the link came from; 0 = nowhere.
    package let listenPort: UInt64
    package let handshakeHash: [UInt8]
    /// From one handshake message to its answer, a first measure of the way there and back.
    package let roundTrip: Milliseconds
}

/// What a peer offers to others, one bit each (PROTOCOL 8.1).
package enum Feature {
    package static let relay: UInt64 = 1
    package static let provider: UInt64 = 2
    package static let blobs: UInt64 = 4
}
