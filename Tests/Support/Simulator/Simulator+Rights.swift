import PeerNet
import PeerNode
import PeerState

/// Acts on people, roles and votes.
extension Simulator {
    func rights(_ node: SimNode, _ step: Plan.Step, _ asked: Asked) {
        guard let server = asked.server, let state = node.core?.servers[server]?.state else {
            return
        }
        switch step.kind {
        case .raise, .lower, .kick, .suspend, .leave, .readmit, .extend, .confirm:
            onMembers(node, step, asked, server, state)
        case .threshold, .ballot, .withdraw: vote(node, step, asked, server, state)
        case .revokeLink:
            guard let link = state.linkInfos.map(\.id).min() else { return }
            act(node, .link(.revoke(link), in: server), asked)
        default: onRoles(node, step, asked, server, state)
        }
    }

    /// A member other than the node itself; plans of the beginning name theirs.
    private func target(
        _ node: SimNode, _ step: Plan.Step, _ state: ServerState
    ) -> Peer.ID? {
        if step.at < PlanMaker.calm { return honest(Int(step.a))?.peer }
        let others = state.members(at: state.now).filter { $0 != node.peer }.sorted()
        return others.isEmpty ? nil : others[Int(step.b) % others.count]
    }

    private func onMembers(
        _ node: SimNode, _ step: Plan.Step, _ given: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        if step.kind == .leave {
            ledger.lowered[server, default: []].insert(node.peer)
            return act(node, .server(.leave(), in: server), given)
        }
        if step.kind == .readmit { return readmit(node, step, given, server, state) }
        if step.kind == .extend { return extend(node, step, given, server, state) }
        if step.kind == .confirm { return confirm(node, step, given, server, state) }
        guard let target = target(node, step, state) else { return }
        var asked = given
        asked.peer = target
        let change: RightsChange
        switch step.kind {
        case .raise:
            ledger.raised[server, default: []].insert(target)
            change = .raise(target, to: step.b % 3 == 1 ? .moderator : .admin, reason: "")
        case .lower: change = .lower(target, to: .member, reason: "")
        case .suspend: change = .suspend(target, reason: "")
        default: change = .kick(target, reason: "", lastAccepted: nil)
        }
        if step.kind != .raise { ledger.lowered[server, default: []].insert(target) }
        act(node, .rights(change, in: server, isRehearsal: step.a % 8 == 7), asked)
    }

    private func readmit(
        _ node: SimNode, _ step: Plan.Step, _ given: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        if let peer = state.suspendedMembers.min() {
            ledger.returned[server, default: []].insert(peer)
            return act(node, .rights(.readmit(peer), in: server, isRehearsal: false), given)
        }
        let gone = (ledger.lowered[server] ?? []).sorted().filter {
            state.standing(of: $0) == nil && ledger.honest.contains($0)
        }
        guard let peer = gone.first, let index = nodes.first(where: { $0.peer == peer })?.index
        else { return }
        ledger.returned[server, default: []].insert(peer)
        var asked = given
        asked.target = index
        act(node, .invite(server: server, recipient: peer, expiresAtMilliseconds: nil), asked)
    }

    private func extend(
        _ node: SimNode, _ step: Plan.Step, _ asked: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        let known = ledger.lowerings.filter { lowering in
            lowering.server == server
                && state.graph.head(of: lowering.target).map {
                    state.verdict(on: $0.id)?.code == .voidedByRemoval
                } ?? false
        }
        guard !known.isEmpty else { return }
        let lowering = known[Int(step.b) % known.count]
        guard let head = state.graph.head(of: lowering.target)?.id else { return }
        let change = RightsChange.extend(lowering: lowering.event, to: head)
        act(node, .rights(change, in: server, isRehearsal: false), asked)
    }

    private func confirm(
        _ node: SimNode, _ step: Plan.Step, _ asked: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        guard let author = state.forks.keys.min(), let branches = state.branches(of: author),
            !branches.events.isEmpty
        else { return }
        let pin = branches.events[Int(step.b) % branches.events.count]
        let change = RightsChange.confirm(branch: pin, level: step.a % 2 == 0 ? .member : nil)
        act(node, .rights(change, in: server, isRehearsal: false), asked)
    }

    private func onRoles(
        _ node: SimNode, _ step: Plan.Step, _ asked: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        let roles = state.roleInfos.map(\.id).sorted()
        guard let target = target(node, step, state),
            let permission = PermissionNumber(1 + (step.b >> 4) % 6)
        else { return }
        let role = roles.isEmpty ? nil : roles[Int(step.b >> 8) % roles.count]
        let change: RightsChange?
        switch step.kind {
        case .role:
            let bits = Permissions(rawValue: (step.b >> 4) & 0x7e)
            change = .createRole(name: "role \(step.id)", permissions: bits)
        case .setRole:
            change = role.map { .setRole($0, permission: permission, isHeld: step.a % 2 == 0) }
        case .assign: change = role.map { .assign($0, to: target) }
        case .unassign: change = role.map { .unassign($0, from: target) }
        case .permit: change = .grant(permission, to: target)
        default: change = .revoke(permission, from: target)
        }
        // Holders of a role change with it, whoever they are.
        if [.setRole, .assign, .permit].contains(step.kind) {
            ledger.raised[server, default: []].formUnion(state.members(at: state.now))
        }
        guard let change else { return }
        act(node, .rights(change, in: server, isRehearsal: false), asked)
    }

    private func vote(
        _ node: SimNode, _ step: Plan.Step, _ asked: Asked, _ server: Server.ID,
        _ state: ServerState
    ) {
        let open = state.proposalInfos.filter { $0.status == .open }.map(\.id).sorted()
        let proposal = open.isEmpty ? nil : open[Int(step.b) % open.count]
        let deed: VoteAct?
        switch step.kind {
        case .threshold:
            let thresholds: [Threshold] = [.majority, .unanimous, .count(1), .count(2)]
            deed = .setThreshold(thresholds[Int(step.b) % thresholds.count], reason: "")
        case .ballot: deed = proposal.map { .vote(on: $0, accepts: step.a % 4 != 0) }
        default: deed = proposal.map { .withdraw($0) }
        }
        guard let deed else { return }
        act(node, .vote(deed, in: server), asked)
    }

    // Those whose attack needs a past

    /// Raises a member to admin, or removes it with the pin at its last known event.
    func treatActor(_ node: SimNode, _ step: Plan.Step) {
        guard let server = ledger.servers.first,
            let peer = hostiles[Int(step.a)]?.peer ?? honest(Int(step.a))?.peer,
            let state = node.core?.servers[server]?.state
        else { return }
        guard state.standing(of: peer) != nil else {
            guard now < Instant.zero + Milliseconds(plan.end) else { return }
            return schedule(.step(step), after: 2_000)
        }
        var asked = Asked(kind: step.kind, server: server)
        asked.peer = peer
        asked.step = UInt64(step.id)
        if step.kind == .raiseActor {
            ledger.raised[server, default: []].insert(peer)
            let change = RightsChange.raise(peer, to: .admin, reason: "")
            return act(node, .rights(change, in: server, isRehearsal: false), asked)
        }
        ledger.lowered[server, default: []].insert(peer)
        let change = RightsChange.kick(peer, reason: "", lastAccepted: nil)
        act(node, .rights(change, in: server, isRehearsal: false), asked)
    }

    func noteLowering(_ node: SimNode, _ asked: Asked, _ outcome: Outcome) {
        // What a demotion names is the grant that follows its removal.
        guard asked.kind != .lower, let server = asked.server, let target = asked.peer,
            outcome.kind == .applied, !outcome.isRehearsal, let event = outcome.event
        else { return }
        checkClosed(node, asked, event)
        ledger.lowerings.append(
            Ledger.Lowering(server: server, target: target, event: event, author: node.peer))
        hostiles.values.first { $0.peer == target }?.isRemoved = true
    }
}
