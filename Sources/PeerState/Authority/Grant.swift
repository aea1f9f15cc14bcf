/// One admissible event that makes its target a member, or raises him.
final class Grant: Sendable {
    enum Source: Hashable, Sendable {
        case granted
        /// By a join link.
        case admitted
        /// By vote.
        case enacted
        /// To the new owner, and to the former one who stays as an admin.
        case transferred
    }

    /// A limit somewhere above in the proof chain.
    struct Limit: Hashable, Sendable {
        let attenuation: Attenuation
        let grantor: Peer.ID
        /// Grants between it and the holder: 0 for the holder's own.
        let distance: Int
    }

    let slot: Slot
    let target: Peer.ID
    let level: Level
    let source: Source
    let attenuation: Attenuation?
    /// |chain| of the grant itself; 17 for an enacted one, 0 for a transfer (PROTOCOL 5.2).
    let depth: Int
    /// The key of whoever acts under it.
    let key: Seniority
    /// What it rests on, itself included (PROTOCOL 5.3, rests).
    let rests: [Slot]
    /// All limits of the holder.
    let limits: [Limit]
    /// Whether its proof chain holds a `join.admit`.
    let restsOnAdmission: Bool

    static let enactedDepth = 17

    init(
        slot: Slot, target: Peer.ID, level: Level, source: Source, attenuation: Attenuation?,
        depth: Int, key: Seniority, rests: [Slot], limits: [Limit], restsOnAdmission: Bool
    ) {
        self.slot = slot
        self.target = target
        self.level = level
        self.source = source
        self.attenuation = attenuation
        self.depth = depth
        self.key = key
        self.rests = rests
        self.limits = limits
        self.restsOnAdmission = restsOnAdmission
    }

    /// Permissions that no limit above takes away.
    var mask: Permissions {
        limits.reduce(.everything) { mask, limit in
            limit.attenuation.permissions.map { mask.intersection($0) } ?? mask
        }
    }
}

/// What a member is at some point: the level and the grant that says so.
package struct Standing: Hashable, Sendable {
    package let level: Level
    /// `nil` for the founder and for participants of a direct server.
    package let proof: Event.ID?
    package let isAttenuated: Bool
    let grant: Slot?
    let key: Seniority

    /// Whether the grant is worth a look for limits; `isAttenuated` says nothing of an owner's.
    var mayBeLimited: Bool { isAttenuated || level == .owner }

    package static func == (left: Self, right: Self) -> Bool {
        left.level == right.level && left.proof == right.proof
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(level)
        hasher.combine(proof)
    }
}
