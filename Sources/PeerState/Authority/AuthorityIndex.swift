/// The admissible events that say who may do what, found by what they speak about.
///
/// - Bounds: as many entries as such events are stored; content is never here.
struct AuthorityIndex: Sendable {
    /// A removal, suspension or vote for one (PROTOCOL 5.3).
    struct Removal: Sendable {
        let slot: Slot
        let target: Peer.ID
        /// The target's last accepted event; `nil` accepts none.
        let pin: Slot?
        let key: Seniority
        let isSuspension: Bool
        let rests: [Slot]
    }

    struct DirectPermission: Sendable {
        let slot: Slot
        let permission: Permissions
    }

    struct Revocation: Sendable {
        let slot: Slot
        let target: Peer.ID
        let permission: Permissions
        let pin: Slot?
    }

    struct RoleSetting: Sendable {
        let slot: Slot
        let permission: Permissions
        let isHeld: Bool
    }

    struct Assignment: Sendable {
        let slot: Slot
        let target: Peer.ID
        let role: Slot
        /// `unassign` only.
        let pin: Slot?
    }

    struct Role: Sendable {
        let permissions: Permissions
        var names: [(slot: Slot, name: String)]
        var settings: [RoleSetting] = []
        var deletions: [Slot] = []
        var assignments: [Assignment] = []
        var unassignments: [Assignment] = []
    }

    struct Proposal: Sendable {
        let body: Proposed
        /// Sorted keys that may vote.
        let electorate: [Peer.ID]
        let needed: Int
        var ballots: [(slot: Slot, accepts: Bool)] = []
        var withdrawals: [Slot] = []
        var enactments: [Slot] = []
    }

    struct Enactment: Sendable {
        let proposal: Slot
        let ballots: [Slot]
        let needed: Int
        let action: VoteAction
    }

    struct Link: Sendable {
        let body: LinkIssued
        var admissions: [Slot] = []
        var revocations: [Slot] = []
    }

    struct Pinned: Sendable {
        let slot: Slot
        /// The lowering that a `member.extend` moves; `nil` for a `branch.confirm`.
        let lowering: Slot?
        let pin: Slot
        let key: Seniority
    }

    var grants: [Slot: Grant] = [:]
    var grantsByTarget: [Peer.ID: [Slot]] = [:]
    var removals: [Slot: Removal] = [:]
    var removalOrder: [Slot] = []
    var leaves: [Peer.ID: [Slot]] = [:]
    /// By the owner who hands over.
    var transfers: [Peer.ID: [(slot: Slot, target: Peer.ID)]] = [:]
    var extensions: [Pinned] = []
    var confirmations: [Pinned] = []

    var direct: [Peer.ID: [DirectPermission]] = [:]
    private(set) var revocations: [Revocation] = []
    /// What events of kinds 20, 24 and 25 handed out, by event.
    private var gifts: [Slot: Gift] = [:]
    /// Revocations and unassignments, by event.
    private var takings: [Slot: Taking] = [:]
    var roles: [Slot: Role] = [:]
    /// Assignments by who holds the role.
    private(set) var assignments: [Peer.ID: [Assignment]] = [:]
    private var hasUnassignments = false
    /// For lowerings of many: what was stored when they arrived and not in their past.
    var unknownTo: [Slot: Set<Slot>] = [:]

    var proposals: [Slot: Proposal] = [:]
    var enactments: [Slot: Enactment] = [:]
    var links: [Slot: Link] = [:]
    var admissions: [Slot: (link: Slot, target: Peer.ID)] = [:]
    var thresholds: [(slot: Slot, threshold: Threshold)] = []

    /// What one event handed out.
    enum Gift: Sendable {
        case permissions(Permissions)
        case role(Slot)
    }

    /// Whom one event took something from, and up to where he keeps what he did.
    struct Taking: Sendable {
        let target: Peer.ID
        let pin: Slot?
        let isFromOneself: Bool
    }

    func gift(of slot: Slot) -> Gift? { gifts[slot] }
    func taking(by slot: Slot) -> Taking? { takings[slot] }

    mutating func add(_ entry: DirectPermission, to target: Peer.ID) {
        direct[target, default: []].append(entry)
        gifts[entry.slot] = .permissions(entry.permission)
    }

    mutating func add(_ setting: RoleSetting, to role: Slot) {
        guard roles[role] != nil else { return }
        roles[role]?.settings.append(setting)
        gifts[setting.slot] = .permissions(setting.permission)
    }

    mutating func add(_ assignment: Assignment) {
        roles[assignment.role]?.assignments.append(assignment)
        assignments[assignment.target, default: []].append(assignment)
        gifts[assignment.slot] = .role(assignment.role)
    }

    mutating func add(_ revocation: Revocation, by author: Peer.ID) {
        revocations.append(revocation)
        takings[revocation.slot] = Taking(
            target: revocation.target, pin: revocation.pin,
            isFromOneself: revocation.target == author)
    }

    mutating func add(unassignment: Assignment, by author: Peer.ID) {
        guard roles[unassignment.role] != nil else { return }
        roles[unassignment.role]?.unassignments.append(unassignment)
        hasUnassignments = true
        takings[unassignment.slot] = Taking(
            target: unassignment.target, pin: unassignment.pin,
            isFromOneself: unassignment.target == author)
    }

    var hasPermissionLowerings: Bool {
        !revocations.isEmpty || !unknownTo.isEmpty || hasUnassignments
    }

    mutating func add(_ grant: Grant) {
        grants[grant.slot] = grant
        grantsByTarget[grant.target, default: []].append(grant.slot)
    }
}
