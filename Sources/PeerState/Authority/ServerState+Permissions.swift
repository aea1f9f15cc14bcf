/// Where a member has a permission from (PROTOCOL 5.4).
enum PermissionSource {
    /// The level of a grant; `nil` for the founder.
    case level(Slot?, Permissions)
    case direct(Slot, Permissions)
    /// An assignment of a role, and what put the permission into it.
    case role(Slot, assignment: Slot, setting: Slot, Permissions)
}

extension ServerState {
    /// Every live source of one permission of a member in State(past).
    func sources(of permission: Permissions, _ peer: Peer.ID, at past: Past) -> [PermissionSource] {
        guard let standing = standing(of: peer, at: past) else { return [] }
        if isDirect {
            return permission == .sendMessages ? [.level(nil, permission)] : []
        }
        guard mask(of: standing).contains(permission) else { return [] }
        var result: [PermissionSource] = []
        if standing.level.permissions.contains(permission) {
            result.append(.level(standing.grant, permission))
        }
        for entry in authority.direct[peer] ?? []
        where entry.permission == permission && isInForce(entry.slot, at: past) {
            result.append(.direct(entry.slot, permission))
        }
        result += roleSources(of: permission, peer, at: past)
        let resolution = resolution(at: past)
        return result.filter { isAlive($0, of: peer, resolution) }
    }

    private func roleSources(
        of permission: Permissions, _ peer: Peer.ID, at past: Past
    ) -> [PermissionSource] {
        var result: [PermissionSource] = []
        for assignment in authority.assignments[peer] ?? [] {
            guard isInForce(assignment.slot, at: past), let role = authority.roles[assignment.role],
                permission != .manageRoles || level(of: assignment.slot) >= .admin,
                isInForce(assignment.role, at: past)
            else { continue }
            var settings = role.settings.filter { $0.isHeld && $0.permission == permission }
                .map(\.slot)
            if role.permissions.contains(permission) { settings.append(assignment.role) }
            for setting in settings where isInForce(setting, at: past) {
                result.append(
                    .role(
                        assignment.role, assignment: assignment.slot, setting: setting, permission))
            }
        }
        return result
    }

    /// Whether an admissible setup event lies in a set and is not void there.
    func isInForce(_ slot: Slot, at past: Past) -> Bool {
        graph.contains(slot, in: past) && voidCause(of: slot, at: past) == nil
    }

    /// The same in the past of an event: what it points at is there without a look.
    func isInForce(_ slot: Slot, at place: EventPlace) -> Bool {
        (place.edges.contains(slot) || graph.contains(slot, in: place.past))
            && voidCause(of: slot, at: place.past) == nil
    }

    private func isAlive(
        _ source: PermissionSource, of peer: Peer.ID, _ resolution: Resolution
    ) -> Bool {
        let places: [Int]
        let lost: [Slot]
        switch source {
        case .level:
            (places, lost) = (resolution.byPeer[peer] ?? [], [])
        case .direct(let slot, _):
            places = resolution.byPeer[peer] ?? []
            lost = departures(of: peer, resolution).filter {
                !graph.containsLowering($0, in: graph.past(slot))
            }
        case .role(let role, let assignment, _, _):
            places = (resolution.byPeer[peer] ?? []) + (resolution.byRole[role] ?? [])
            lost = departures(of: peer, resolution).filter {
                !graph.containsLowering($0, in: graph.past(assignment))
            }
        }
        return lost.isEmpty
            && !places.contains { takes(resolution.lowerings[$0], source, from: peer) }
    }

    /// Accepted removals and leaves; a suspension lets permissions sleep only.
    func departures(of peer: Peer.ID, _ resolution: Resolution) -> [Slot] {
        (resolution.removals[peer] ?? []).filter { !$0.isSuspension }.map(\.slot)
            + (resolution.leaves[peer] ?? [])
    }

    /// Whether a lowering takes this source of `peer`: it does what it does not know.
    func takes(
        _ lowering: Resolution.Lowering, _ source: PermissionSource, from peer: Peer.ID
    ) -> Bool {
        func isUnknown(to slot: Slot?) -> Bool {
            guard let slot else { return true }
            return !graph.containsLowering(lowering.slot, in: graph.past(slot))
        }
        switch (lowering.subject, source) {
        case (.permission(peer, let lowered), .level(let grant, let permission)):
            let level = level(of: peer, under: grant)
            if level == .owner || (lowered == .manageRoles && level == .admin) { return false }
            return lowered == permission && isUnknown(to: grant)
        case (.permission(peer, let lowered), .direct(let slot, let permission)):
            return lowered == permission && isUnknown(to: slot)
        case (.permission(peer, let lowered), .role(_, let assignment, _, let permission)):
            return lowered == permission && isUnknown(to: assignment)
        case (.role(let lowered), .role(let role, _, _, _)):
            return lowered == role
        case (.roleSetting(let lowered, let bit), .role(let role, _, let setting, let permission)):
            return lowered == role && bit == permission && isUnknown(to: setting)
        case (.assignment(peer, let lowered), .role(let role, let assignment, _, _)):
            return lowered == role && isUnknown(to: assignment)
        default: return false
        }
    }

    private func mask(of standing: Standing) -> Permissions {
        guard standing.mayBeLimited else { return .everything }
        return standing.grant.flatMap { authority.grants[$0] }?.mask ?? .everything
    }

    func holds(_ permission: Permissions, _ peer: Peer.ID, at past: Past) -> Bool {
        guard let standing = standing(of: peer, at: past) else { return false }
        // The ordinary case: the level gives it and nobody ever lowered a permission.
        if !isDirect, resolution(at: past).lowerings.isEmpty,
            standing.level.permissions.contains(permission)
        {
            return mask(of: standing).contains(permission)
        }
        return !sources(of: permission, peer, at: past).isEmpty
    }

    /// Everything a member may do, as bits.
    package func permissions(of peer: Peer.ID, at past: Past) -> Permissions {
        var candidates = Permissions.all
        for assignment in authority.assignments[peer] ?? [] {
            guard let role = authority.roles[assignment.role] else { continue }
            candidates.formUnion(role.permissions)
        }
        var result = Permissions()
        for bit in 0..<64 {
            let permission = Permissions(rawValue: 1 << UInt64(bit))
            if candidates.contains(permission) && holds(permission, peer, at: past) {
                result.formUnion(permission)
            }
        }
        return result
    }

    func require(
        _ permission: Permissions, of peer: Peer.ID, at past: Past
    ) throws(Failure<RuleCode>) {
        guard holds(permission, peer, at: past) else {
            throw Failure(.noPermission, "needs \(permission.words.joined(separator: ", "))")
        }
    }

    func requireLevel(
        _ level: Level, of peer: Peer.ID, at past: Past
    ) throws(Failure<RuleCode>) {
        guard let standing = standing(of: peer, at: past), standing.level >= level else {
            throw Failure(.noPermission, "needs level \(level.word)")
        }
    }
}
