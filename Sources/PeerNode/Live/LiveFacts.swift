package import PeerState

/// What a live act came to, besides its outcome.
package struct LiveFacts: Hashable, Sendable {
    /// How long what was said counts.
    package var expiresIn: Milliseconds?
    package var participants: [Peer.ID] = []
    package var voice: VoiceStatus?
    package var mode: PresenceMode?
    package var stream: [UInt8]?
    package var index: UInt64?

    package init() {}
}
