package import PeerState

/// The last event of a chain: its number and its id.
package struct Head: Hashable, Sendable {
    package var seq: UInt64
    package var id: Event.ID

    package init(seq: UInt64, id: Event.ID) {
        self.seq = seq
        self.id = id
    }

    /// The first eight bytes of the id, as `HeadsDelta` carries them.
    package var prefix: UInt64 { id.prefix }
}
