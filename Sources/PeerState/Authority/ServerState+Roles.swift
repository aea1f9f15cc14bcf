extension ServerState {
    /// Whether a role exists in State(past): created in force there and not deleted.
    func isLive(role: Slot, at past: Past) -> Bool {
        guard let entry = authority.roles[role], isInForce(role, at: past) else { return false }
        return !entry.deletions.contains { isInForce($0, at: past) }
    }

    /// Refuses a role that is not there.
    ///
    /// - Errors: `unknownTarget`, `deleted`.
    func requireRole(_ id: Event.ID, at past: Past) throws(Failure<RuleCode>) -> Slot {
        guard let role = graph.slot(of: id), let entry = authority.roles[role],
            isInForce(role, at: past)
        else { throw Failure(.unknownTarget, "no such role") }
        if entry.deletions.contains(where: { isInForce($0, at: past) }) {
            throw Failure(.deleted, "the role was deleted")
        }
        return role
    }

    /// The permissions of a role in State(past).
    func permissions(ofRole role: Slot, at past: Past) -> Permissions {
        guard let entry = authority.roles[role] else { return [] }
        var result = Permissions()
        let lowered = resolution(at: past).byRole[role, default: []]
            .map { resolution(at: past).lowerings[$0] }
        func add(_ setting: Slot, _ bits: Permissions) {
            for bit in 0..<64 {
                let permission = Permissions(rawValue: 1 << UInt64(bit))
                guard bits.contains(permission) else { continue }
                let isLowered = lowered.contains {
                    $0.subject == .roleSetting(role, permission)
                        && !graph.containsLowering($0.slot, in: graph.past(setting))
                }
                if !isLowered { result.formUnion(permission) }
            }
        }
        add(role, entry.permissions)
        for setting in entry.settings where setting.isHeld && isInForce(setting.slot, at: past) {
            add(setting.slot, setting.permission)
        }
        return result
    }

    /// Whether `peer`, active or suspended, holds a live role in State(past).
    func holdsRole(_ peer: Peer.ID, _ role: Slot, at past: Past) -> Bool {
        let resolution = resolution(at: past)
        let lowered =
            (resolution.byPeer[peer] ?? []).map { resolution.lowerings[$0] }.filter {
                $0.subject == .assignment(peer, role)
            }.map(\.slot) + departures(of: peer, resolution)
        return (authority.assignments[peer] ?? []).contains { assignment in
            assignment.role == role && isInForce(assignment.slot, at: past)
                && lowered.allSatisfy {
                    graph.containsLowering($0, in: graph.past(assignment.slot))
                }
        }
    }

    /// Who holds a role: active or suspended members, sorted.
    func holders(ofRole role: Slot, at past: Past) -> [Peer.ID] {
        let candidates = authority.assignments.filter { _, entries in
            entries.contains { $0.role == role }
        }
        return candidates.keys.filter { peer in
            guard holdsRole(peer, role, at: past) else { return false }
            let status = status(of: peer, at: past)
            return status == .active || status == .suspended
        }.sorted()
    }

    func roleName(_ role: Slot, at past: Past) -> String {
        let names = (authority.roles[role]?.names ?? []).filter { isInForce($0.slot, at: past) }
        return names.max { graph.precedes($0.slot, $1.slot) }?.name ?? ""
    }

    func liveRoles(at past: Past) -> [Slot] {
        authority.roles.keys.filter { isLive(role: $0, at: past) }.sorted()
    }
}
