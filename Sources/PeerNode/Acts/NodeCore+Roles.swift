import PeerNet
import PeerState

/// Acts on roles and single permissions.
extension NodeCore {
    mutating func performOnRoles(
        _ act: RightsChange, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        switch act {
        case .createRole(let name, let permissions):
            return try createRole(name, permissions, server)
        case .deleteRole(let role): return try deleteRole(role, server)
        case .renameRole(let role, let name): return try renameRole(role, name, server)
        case .setRole(let role, let permission, let isHeld):
            return try setRole(role, permission, isHeld, server)
        case .assign(let role, let target): return try assign(role, to: target, server)
        case .unassign(let role, let target): return try unassign(role, from: target, server)
        case .grant(let permission, let target): return try give(permission, target, server)
        case .revoke(let permission, let target): return try take(permission, target, server)
        default: throw NodeFailure(.internalError, "not an act on roles")
        }
    }

    private func role(_ id: Event.ID, _ server: Server.ID) throws(NodeFailure) -> RoleInfo {
        guard let role = try hosted(server).state.role(id) else {
            throw NodeFailure(.unknownRole, "no role \(id.short) in this server")
        }
        return role
    }

    private func checkMember(_ peer: Peer.ID, _ server: Server.ID) throws(NodeFailure) {
        guard try hosted(server).state.standing(of: peer) != nil else {
            throw NodeFailure(.unknownPeer, "\(peer.short) is not an active member")
        }
    }

    private func checkName(
        _ name: String, besides role: Event.ID?, _ server: Server.ID
    ) throws(NodeFailure) {
        try checkText(name, .name, max: 64, "name")
        let others = try hosted(server).state.roleInfos.filter { $0.id != role }
        if others.contains(where: { $0.name == name }) {
            throw NodeFailure(.nameTaken, "a role named \(name) exists; choose another name")
        }
    }

    // Roles

    private mutating func createRole(
        _ name: String, _ permissions: Permissions, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkName(name, besides: nil, server)
        let event = try write(RoleCreated(name: name, permissions: permissions), in: server)
        var outcome = outcome(.applied, event, server)
        outcome.roles = [event.id]
        outcome.permissions = permissions
        outcome.name = name
        return outcome
    }

    private mutating func deleteRole(
        _ id: Event.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let holders = try role(id, server).holders
        return try closing(to: holders, server) { (core) throws(NodeFailure) in
            let event = try core.write(RoleDeleted(role: id), in: server)
            var outcome = core.outcome(.applied, event, server)
            outcome.affected = holders.count
            return outcome
        }
    }

    private mutating func renameRole(
        _ id: Event.ID, _ name: String, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        var event: Event?
        if try role(id, server).name != name {
            try checkName(name, besides: id, server)
            event = try write(RoleRenamed(role: id, name: name), in: server)
        }
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.name = name
        return outcome
    }

    private mutating func setRole(
        _ id: Event.ID, _ permission: PermissionNumber, _ isHeld: Bool, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        var event: Event?
        if try role(id, server).permissions.isSuperset(of: permission.permissions) != isHeld {
            let body = RolePermissionSet(role: id, permission: permission, isHeld: isHeld)
            event = try write(body, in: server)
        }
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.permissions = try role(id, server).permissions
        return outcome
    }

    private mutating func assign(
        _ id: Event.ID, to target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkMember(target, server)
        var event: Event?
        if try !role(id, server).holders.contains(target) {
            event = try write(RoleAssigned(target: target, role: id), in: server)
        }
        return held(by: target, event, server)
    }

    private mutating func unassign(
        _ id: Event.ID, from target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkMember(target, server)
        guard try role(id, server).holders.contains(target) else {
            return held(by: target, nil, server)
        }
        let cut = try cut(of: target, nil, server)
        return try closing(to: [target], server) { (core) throws(NodeFailure) in
            let event = try core.write(
                RoleUnassigned(target: target, role: id, cut: cut), in: server)
            var outcome = core.held(by: target, event, server)
            outcome.lastAccepted = cut
            return outcome
        }
    }

    private func held(by target: Peer.ID, _ event: Event?, _ server: Server.ID) -> Outcome {
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.roles = servers[server]?.state.roles(heldBy: target)
        return outcome
    }

    // Permissions

    private mutating func give(
        _ permission: PermissionNumber, _ target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkMember(target, server)
        var event: Event?
        if !effective(target, server).isSuperset(of: permission.permissions) {
            event = try write(
                PermissionGranted(target: target, permission: permission), in: server)
        }
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.permissions = effective(target, server)
        return outcome
    }

    private mutating func take(
        _ permission: PermissionNumber, _ target: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        try checkMember(target, server)
        var event: Event?
        let cut = try cut(of: target, nil, server)
        if !effective(target, server).isDisjoint(with: permission.permissions) {
            event = try write(
                PermissionRevoked(target: target, permission: permission, cut: cut), in: server)
        }
        var outcome = outcome(event == nil ? .unchanged : .applied, event, server)
        outcome.permissions = effective(target, server)
        outcome.lastAccepted = event == nil ? nil : cut
        return outcome
    }

    private func effective(_ peer: Peer.ID, _ server: Server.ID) -> Permissions {
        servers[server].map { $0.state.permissions(of: peer, at: $0.state.now) } ?? []
    }

    /// Renews keys of channels that a lowering closed to somebody.
    private mutating func closing(
        to peers: [Peer.ID], _ server: Server.ID,
        _ act: (inout NodeCore) throws(NodeFailure) -> Outcome
    ) throws(NodeFailure) -> Outcome {
        let readable = peers.map { ($0, channels(readBy: $0, in: server)) }
        var outcome = try act(&self)
        var closed: Set<Channel.ID> = []
        for (peer, channels) in readable {
            let open = channels.filter { !closed.contains($0) }
            closed.formUnion(try closeChannels(open, to: peer, in: server))
        }
        outcome.rotated = closed.sorted()
        return outcome
    }
}
