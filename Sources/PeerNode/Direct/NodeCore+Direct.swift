import PeerNet
import PeerState

/// Conversations of two to eight people: servers that nobody owns (PROTOCOL 7.7).
extension NodeCore {
    /// Finds or founds the conversation of exactly these people.
    mutating func openDirect(_ reply: ReplyID, _ peers: [Peer.ID]) throws(NodeFailure) {
        let participants = Set(peers + [me]).sorted()
        guard (2...ServerCreated.participantsMax).contains(participants.count) else {
            throw NodeFailure(
                .invalidArgument, "peer_ids: one to seven peers besides this node itself")
        }
        for peer in participants where peer != me {
            guard hasMet(peer) else {
                throw NodeFailure(.unknownPeer, "nothing here has met peer \(peer.short)")
            }
            guard !isBlocked(peer) else {
                throw NodeFailure(
                    .blocked, "peer \(peer.short) is blocked here; set_contact unblocks")
            }
        }
        if let known = conversation(of: participants) {
            return succeed(reply, directOutcome(.unchanged, known), isShared: false)
        }
        if let offered = offeredConversation(of: participants), let offer = offers[offered] {
            closeOffer(offered, offer.from)
            adopt(offer, offered)
            return succeed(reply, directOutcome(.applied, offered), isShared: false)
        }
        let server = try foundDirect(participants)
        succeed(reply, directOutcome(.applied, server))
    }

    private func directOutcome(_ kind: Outcome.Kind, _ server: Server.ID) -> Outcome {
        var outcome = Outcome(kind, server: server)
        outcome.event = Event.ID(server)
        outcome.channel = Channel.ID(server)
        outcome.name = directTitle(of: server)
        return outcome
    }

    private mutating func foundDirect(
        _ participants: [Peer.ID]
    ) throws(NodeFailure) -> Server.ID {
        try checkMayWrite(nil)
        let body = ServerCreated(
            name: "direct", isDirect: true, participants: participants, nonce: entropy.bytes(16))
        let replica: Replica
        let created: Replica.Stored
        do { (replica, created) = try Replica.found(body, by: writer) } catch {
            throw NodeFailure(rule: error)
        }
        let server = replica.id
        servers[server] = HostedServer(founded: replica, me: me)
        recovery.noteFounded(server)
        accept([created], in: server, from: nil)
        try write(ProfileUpdated(displayName: displayName), in: server)
        try publishPrekey(in: server)
        try rotate(Channel.ID(server), in: server)
        syncHandle(.serverAdded(server))
        announceDirect(server)
        return server
    }

    /// Of several with the same people, all of them still there, the one with the smallest id.
    func conversation(of participants: [Peer.ID]) -> Server.ID? {
        servers.values.filter { slot in
            slot.isMember && slot.state.participants == participants
                && slot.state.memberCount(at: slot.state.now) == participants.count
        }.map(\.id).min()
    }

    private func offeredConversation(of participants: [Peer.ID]) -> Server.ID? {
        offers.filter { $0.value.created.participants == participants }.keys.min()
    }

    /// Whether lists leave a server out: one being erased, a conversation that is over, with a
    /// blocked peer, or one
    /// founded twice at a time in which nothing was written.
    func isHidden(_ slot: HostedServer) -> Bool {
        guard erasures[slot.id] == nil else { return true }
        let people = slot.state.participants
        guard !people.isEmpty else { return false }
        if slot.state.standing(of: me) == nil { return true }
        if people.count == 2, people.contains(where: { isBlocked($0) }) { return true }
        guard slot.shownSeqs[Channel.ID(slot.id)] == nil else { return false }
        return conversation(of: people).map { $0 != slot.id } ?? false
    }

    /// The names of the others.
    func directTitle(of server: Server.ID) -> String {
        servers[server].map { directTitle(of: $0) } ?? ""
    }

    func directTitle(of slot: HostedServer) -> String {
        let others = slot.state.participants.filter { $0 != me }
        // Names of a conversation are fewer than those of the groups its people met in.
        let names = others.map { peer in
            slot.state.displayName(of: peer) == nil ? name(of: peer) : shownName(peer, in: slot)
        }
        let title = names.map { "@" + $0 }.joined(separator: ", ")
        guard title.utf8.count > Limits.directTitle else { return title }
        return "@\(names.first ?? "") and \(names.count - 1) others"
    }

    /// What peers offer, in order of the servers' ids.
    package func offerSnapshots() -> [OfferSnapshot] {
        offers.keys.sorted().compactMap { server in
            guard let offer = offers[server], offer.until > now.monotonic else { return nil }
            return OfferSnapshot(
                server: server, name: offer.created.isDirect ? "" : offer.created.name,
                isDirect: offer.created.isDirect, from: offer.from, fromName: name(of: offer.from))
        }
    }
}
