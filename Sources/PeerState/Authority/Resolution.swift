/// What all lowerings of one set amount to: who is out from where on, and what else they take.
///
/// A function of the lowerings in the set alone (PROTOCOL 5.10), so that many sets share one.
final class Resolution: Sendable {
    /// An accepted removal, with its pin as extended.
    struct Accepted: Hashable, Sendable {
        let slot: Slot
        let pin: Slot?
        let isSuspension: Bool
    }

    /// An author with two events of one seq.
    struct Fork: Hashable, Sendable {
        /// The lowest seq with two events, beyond all pins if there are any; `nil` when cleared.
        let seq: UInt64?
        /// Events that name the branch that counts.
        let pins: [Slot]
        /// The lowest seq with two events, whatever was pinned.
        let lowest: UInt64
    }

    /// A lowering of permissions that stands.
    struct Lowering: Hashable, Sendable {
        enum Subject: Hashable, Sendable {
            case permission(Peer.ID, Permissions)
            case role(Slot)
            case roleSetting(Slot, Permissions)
            case assignment(Peer.ID, Slot)
        }
        let slot: Slot
        let subject: Subject
        let pin: Slot?
        /// Pins as moved by extends, by whose chain they are on.
        let extended: [Slot]
        /// Each holder's pin is his last event that it knew.
        let isDerived: Bool
        /// Written by an admin or the owner, who need no permission for it.
        let isStratumTwo: Bool
    }

    let owner: Peer.ID?
    /// The transfer the owner acts under; `nil` for the founder.
    let ownerProof: Slot?
    /// Of each former owner the last transfer he made.
    let formerOwners: [Peer.ID: Slot]
    /// The transfers that moved the ownership.
    let transfers: Set<Slot>
    let removals: RemovalTable
    let leaves: [Peer.ID: [Slot]]
    let forks: [AuthorNumber: Fork]
    let lowerings: [Lowering]
    /// Places in `lowerings`, by whom they take a permission or role from.
    let byPeer: [Peer.ID: [Int]]
    let byRole: [Slot: [Int]]
    /// Enactments that lack ballots because these are void.
    let failedEnactments: Set<Slot>
    /// Leaves of somebody who, unknown to him, had become the owner.
    let overruledLeaves: Set<Slot>
    /// A first step, before removals and transfers are decided.
    let isUndecided: Bool
    private let hasRemovals: Bool

    init(_ draft: Draft) {
        owner = draft.owner
        ownerProof = draft.ownerProof
        formerOwners = draft.formerOwners
        transfers = draft.transfers
        removals = draft.removals
        leaves = draft.leaves
        forks = draft.forks
        lowerings = draft.lowerings
        failedEnactments = draft.failedEnactments
        overruledLeaves = draft.overruledLeaves
        isUndecided = draft.isUndecided
        hasRemovals = draft.hasRemovals
        var byPeer: [Peer.ID: [Int]] = [:]
        var byRole: [Slot: [Int]] = [:]
        for (place, lowering) in draft.lowerings.enumerated() {
            switch lowering.subject {
            case .permission(let peer, _): byPeer[peer, default: []].append(place)
            case .role(let role), .roleSetting(let role, _):
                byRole[role, default: []].append(place)
            case .assignment(let peer, _): byPeer[peer, default: []].append(place)
            }
        }
        self.byPeer = byPeer
        self.byRole = byRole
    }

    /// The same with one more removal that stands and takes the effect of nothing stored.
    init(_ before: Resolution, and removal: Accepted, of target: Peer.ID) {
        var removals = before.removals
        removals.append(removal, of: target)
        self.removals = removals
        owner = before.owner
        ownerProof = before.ownerProof
        formerOwners = before.formerOwners
        transfers = before.transfers
        leaves = before.leaves
        forks = before.forks
        lowerings = before.lowerings
        byPeer = before.byPeer
        byRole = before.byRole
        failedEnactments = before.failedEnactments
        overruledLeaves = before.overruledLeaves
        isUndecided = before.isUndecided
        hasRemovals = true
    }

    /// A resolution in the making.
    struct Draft {
        var owner: Peer.ID?
        var ownerProof: Slot?
        var formerOwners: [Peer.ID: Slot] = [:]
        var transfers: Set<Slot> = []
        var removals = RemovalTable()
        var leaves: [Peer.ID: [Slot]] = [:]
        var forks: [AuthorNumber: Fork] = [:]
        var lowerings: [Lowering] = []
        var failedEnactments: Set<Slot> = []
        var overruledLeaves: Set<Slot> = []
        var isUndecided = false
        /// Whether the set holds removals or transfers, standing or not.
        var hasRemovals = false
    }

    /// Whether nothing in it can make an event void.
    var isPlain: Bool {
        !hasRemovals && forks.isEmpty && lowerings.isEmpty && failedEnactments.isEmpty
            && overruledLeaves.isEmpty
    }
}
