import PeerNet
import PeerState

/// Attacks that need a place in a server: forks, backdated acts, puppets, keys and ballots.
extension Simulator {
    /// Two faces of one key, each to half of the neighbours: at the head, after an old event, or
    /// once more where it forked first.
    func equivocate(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(16), hostile.peers.count > 1 else { return }
        let links = hostile.peers.keys.sorted()
        let own = hostile.events.values
            .filter { $0.server == server && $0.author == hostile.peer }
            .sorted { ($0.seq, $0.id) < ($1.seq, $1.id) }
        var after: Event.ID?
        if hostile.chance(3), let before = hostile.forkedAfter {
            after = before.id  // One more beside the two.
        } else if !own.isEmpty, hostile.chance(2) {
            after = own[Int(hostile.draw(UInt64(own.count)))].id
        }
        guard
            let first = draft(
                hostile, ProfileUpdated(displayName: "one \(hostile.ticks)"), server),
            let second = draft(
                hostile, ProfileUpdated(displayName: "other \(hostile.ticks)"), server,
                after: after)
        else { return }
        coverage.note(.equivocator)
        ledger.forking.insert(hostile.peer)
        if let prev = second.prev, second.seq < hostile.forkedAfter?.seq ?? .max {
            hostile.forkedAfter = (second.seq, prev)
        }
        let half = links.count / 2
        let faces = [first, second].map { $0.signed(with: hostile.key).bytes }
        push(hostile, faces[0], server, to: Array(links[..<half]))
        push(hostile, faces[1], server, to: Array(links[half...]))
        // It goes on with one of them, so that branches grow.
        _ = hostile.take(faces[Int(hostile.draw(2))], server)
    }

    /// After its removal: acts of an admin that know nothing of it.
    func backdate(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(10) else { return }
        guard hostile.isRemoved else { return behave(hostile, server) }
        let wall: UInt64 = 1_700_000_000_000
        let members = hostile.replicas[server]?.state.graph.authorIDs.sorted() ?? []
        let victim = members.isEmpty ? nil : members[Int(hostile.draw(UInt64(members.count)))]
        let body: any EventBody
        switch hostile.draw(5) {
        case 0: body = ProfileUpdated(displayName: "backdated")
        case 1: body = grantPuppet(hostile, server)
        case 2 where victim != nil && victim != hostile.peer:
            let peer = victim ?? hostile.peer
            ledger.lowered[server, default: []].insert(peer)
            let cut = hostile.events.values
                .filter { $0.server == server && $0.author == peer }
                .max { ($0.seq, $0.id) < ($1.seq, $1.id) }
                .map { Cut(seq: $0.seq, id: $0.id) }
            body = MemberRemoved(target: peer, cut: cut, reason: "")
        case 3: body = RoleCreated(name: "backdated \(hostile.ticks)", permissions: .manageRoles)
        default: body = ChannelCreated(name: "backdated \(hostile.ticks)")
        }
        guard let draft = draft(hostile, body, server, wall: wall) else { return }
        spread(hostile, draft, server)
    }

    /// The grant of somebody who exists for this attack alone.
    func grantPuppet(_ hostile: HostileNode, _ server: Server.ID) -> MemberGranted {
        let puppet = SigningKey(seed: hostile.entropy.bytes(32))
        hostile.puppets.append(puppet)
        let seq = hostile.replicas[server]?.nextPlace(of: hostile.peer).seq ?? 1
        ledger.puppets[puppet.publicKey] = Ledger.Puppet(
            server: server, maker: hostile.peer, seq: seq)
        return MemberGranted(target: puppet.publicKey, level: .admin)
    }

    /// The grant of a puppet to another, which falls with the first one's.
    private func grantPuppet(_ hostile: HostileNode, of maker: Peer.ID) -> MemberGranted {
        let puppet = SigningKey(seed: hostile.entropy.bytes(32))
        hostile.puppets.append(puppet)
        ledger.puppets[puppet.publicKey] = ledger.puppets[maker]
        return MemberGranted(target: puppet.publicKey, level: .admin)
    }

    /// Grants before and after its removal; what it granted acts, too.
    func rulePuppets(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(6) else { return }
        if hostile.puppets.isEmpty || hostile.chance(3) {
            let body: any EventBody =
                hostile.chance(4)
                ? MemberGranted(target: hostile.peer, level: .admin)
                : grantPuppet(hostile, server)
            guard let draft = draft(hostile, body, server) else { return }
            return spread(hostile, draft, server)
        }
        let puppet = hostile.puppets[Int(hostile.draw(UInt64(hostile.puppets.count)))]
        guard let replica = hostile.replicas[server],
            let grant = hostile.events.values.first(where: {
                ($0.body as? MemberGranted)?.target == puppet.publicKey
            })
        else { return }
        let place = replica.nextPlace(of: puppet.publicKey)
        let deps = place.prev == nil ? [grant.id] : []
        let body: any EventBody
        switch hostile.draw(3) {
        case 0: body = grantPuppet(hostile, of: puppet.publicKey)
        case 1: body = ChannelCreated(name: "puppets \(hostile.ticks)")
        default: body = ProfileUpdated(displayName: "puppet")
        }
        let edges = deps + body.edges + (place.prev.map { [$0] } ?? [])
        guard edges.allSatisfy({ replica.state.graph.contains($0) }) else { return }
        let draft = EventDraft(
            server: server, author: puppet.publicKey, seq: place.seq, prev: place.prev,
            deps: deps, proof: grant.id, lamport: replica.state.graph.lamport(over: edges),
            wallMilliseconds: moment(hostile.index).wallMilliseconds, body: body)
        let envelope = draft.signed(with: puppet)
        sync(hostile, .committed(server, hostile.take(envelope.bytes, server)))
        push(hostile, envelope.bytes, server, to: hostile.peers.keys.sorted())
    }

    /// Rotations with a wrong commitment, with boxes of others, and faults without a reason.
    func sabotageKeys(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(16), let state = hostile.replicas[server]?.state,
            let channel = state.holdingChannels.map(\.id).min()
        else { return }
        if hostile.chance(3), let epoch = state.channel(channel)?.epochIDs.max() {
            let fault = KeyFaulted(channel: channel, epoch: epoch, reason: .commitMismatch)
            guard let draft = draft(hostile, fault, server, deps: known(hostile, server)) else {
                return
            }
            return spread(hostile, draft, server)
        }
        let made = Rotation.draft(
            channel: channel, author: hostile.peer, state: state, keys: KeyRing(),
            &hostile.entropy)
        guard made.parts.count == 1, var body = made.parts.first else { return }
        switch hostile.draw(3) {
        case 0: body.commit = Sodium.blake2b(hostile.entropy.bytes(8))
        case 1: body.boxes = body.boxes.map { _ in hostile.entropy.bytes(80) }
        default: body.boxes.reverse()
        }
        guard let draft = draft(hostile, body, server, deps: known(hostile, server)) else { return }
        spread(hostile, draft, server)
    }

    /// What it would name as its parents; at most a few.
    private func known(_ hostile: HostileNode, _ server: Server.ID) -> [Event.ID] {
        guard let replica = hostile.replicas[server] else { return [] }
        let own = replica.nextPlace(of: hostile.peer).prev
        return replica.state.graph.tipIDs.filter { $0 != own }.sorted().suffix(16).sorted()
    }

    /// Ballots twice, without a right, after the end; enactments of a chosen few.
    func stuffBallots(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(10), let state = hostile.replicas[server]?.state else { return }
        let proposals = state.proposalInfos.map(\.id).sorted()
        let proposal =
            proposals.isEmpty
            ? nil : proposals[Int(hostile.draw(UInt64(proposals.count)))]
        let body: any EventBody
        switch (hostile.draw(4), proposal) {
        case (0, let id?): body = BallotCast(proposal: id, accepts: hostile.chance(2))
        case (1, let id?): body = Withdrawn(proposal: id)
        case (2, let id?):
            let yes = state.proposal(id)?.yes ?? []
            body = Enacted(proposal: id, ballots: Array(yes.prefix(1)), cut: nil)
        default:
            let electorate = ServerState.electorateDigest(state.electorate(at: state.now))
            body = Proposed(
                action: .setThreshold(.count(1 + hostile.draw(3))),
                threshold: state.currentThreshold, electorateDigest: electorate,
                life: 10 + hostile.draw(1_000), reason: "stuffed")
        }
        guard let draft = draft(hostile, body, server, deps: known(hostile, server)) else { return }
        spread(hostile, draft, server)
    }
}
