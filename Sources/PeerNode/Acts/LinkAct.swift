package import PeerState

/// What may be done about join links.
package enum LinkAct: Hashable, Sendable {
    case create(usesMax: UInt64, expiresAtMilliseconds: UInt64)
    case revoke(Event.ID)
}
