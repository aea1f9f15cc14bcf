package import PeerState

/// What may be done about people and what they may do.
///
/// Acts on somebody who is not strictly junior become proposals where a vote can decide them.
package enum RightsChange: Hashable, Sendable {
    /// - Parameter lastAccepted: an earlier event of the target than his last known; needs admin.
    case kick(Peer.ID, reason: String, lastAccepted: Event.ID?)
    case suspend(Peer.ID, reason: String)
    /// Ends a suspension at the level held before, as far as the own level reaches.
    case readmit(Peer.ID)
    /// Raises an active member.
    case raise(Peer.ID, to: Level, reason: String)
    /// Lowers an active member: removal and grant in one act.
    case lower(Peer.ID, to: Level, reason: String)
    case transferOwnership(to: Peer.ID)
    /// Accepts later events of somebody removed, suspended or lowered, up to one of them.
    case extend(lowering: Event.ID, to: Event.ID)
    /// Says which branch of a forked member counts; raises him again where a level is given.
    case confirm(branch: Event.ID, level: Level?)
    /// Makes a peer a member whose grant limits what it may do.
    case addAgent(Peer.ID, Attenuation)

    case createRole(name: String, permissions: Permissions)
    case deleteRole(Event.ID)
    case renameRole(Event.ID, name: String)
    case setRole(Event.ID, permission: PermissionNumber, isHeld: Bool)
    case assign(Event.ID, to: Peer.ID)
    case unassign(Event.ID, from: Peer.ID)
    case grant(PermissionNumber, to: Peer.ID)
    case revoke(PermissionNumber, from: Peer.ID)
}
