package import PeerState

/// Everything one server shows of somebody who is or was a member.
package struct MemberCard: Sendable {
    package var member: MemberSnapshot
    /// `active`, `suspended`, `removed` or `left`.
    package var status: String
    package var permissions: [String]
    /// Profile fields that are set, by number (PROTOCOL 4.8).
    package var profile: [UInt64: CBORValue]
    /// The limits of its grant and of those above it.
    package var limits: [Attenuation]
    package var grantor: Peer.ID?

    package init(
        member: MemberSnapshot, status: String, permissions: [String],
        profile: [UInt64: CBORValue], limits: [Attenuation], grantor: Peer.ID?
    ) {
        self.member = member
        self.status = status
        self.permissions = permissions
        self.profile = profile
        self.limits = limits
        self.grantor = grantor
    }
}

/// Why an event has effect or has none, with the server it belongs to.
package struct EventExplanation: Sendable {
    package var server: Server.ID
    /// Of an event that only those who may see the channel may see.
    package var channel: Channel.ID?
    package var explanation: Explanation
    /// What it answers in the end, and how many answers lie between.
    package var root: (event: Event.ID, author: Peer.ID, depth: Int)?
    /// Kinds of the events it names, by id.
    package var kinds: [Event.ID: UInt64]
    /// Display names of the peers it names.
    package var names: [Peer.ID: String]

    package init(server: Server.ID, channel: Channel.ID?, explanation: Explanation) {
        self.server = server
        self.channel = channel
        self.explanation = explanation
        kinds = [:]
        names = [:]
    }
}

extension NodeCore {
    /// - Errors: `unknownServer`, `unknownPeer`.
    package func card(of peer: Peer.ID, in server: Server.ID) throws(NodeFailure) -> MemberCard {
        let slot = try hosted(server)
        guard let status = slot.state.memberStatus(of: peer) else {
            throw NodeFailure(.unknownPeer, "\(peer.short) was never a member there")
        }
        let linked = Set(links.values.compactMap(\.peer))
        return MemberCard(
            member: memberSnapshot(of: peer, slot, slot.state.roleInfos, linked),
            status: String(describing: status),
            permissions: slot.state.permissions(of: peer, at: slot.state.now).words,
            profile: slot.state.profile(of: peer), limits: slot.state.limits(of: peer),
            grantor: slot.state.grantor(of: peer))
    }

    package func explanation(of event: Event.ID) -> EventExplanation? {
        for server in servers.keys.sorted() {
            guard let slot = servers[server], let found = slot.state.explanation(of: event)
            else { continue }
            var result = EventExplanation(
                server: server, channel: slot.state.channel(spokenOfBy: event), explanation: found)
            result.root = slot.state.root(of: event)
            if let root = result.root {
                result.kinds[root.event] = slot.state.kind(of: root.event)
                result.names[root.author] = shownName(root.author, in: slot)
            }
            for id in Self.named(by: found) { result.kinds[id] = slot.state.kind(of: id) }
            for peer in Self.peers(in: found) {
                result.names[peer] = shownName(peer, in: slot)
            }
            return result
        }
        return nil
    }

    private static func named(by found: Explanation) -> [Event.ID] {
        [found.event] + [found.decider, found.subject].compactMap { $0 }
            + found.proofs.map(\.event) + found.removals.map(\.event)
            + (found.vote.map { [$0.proposal] + $0.ballots.map(\.event) } ?? [])
    }

    private static func peers(in found: Explanation) -> Set<Peer.ID> {
        var peers: Set<Peer.ID> = [found.author]
        if let overruler = found.overruler { peers.insert(overruler.author) }
        for proof in found.proofs { peers.formUnion([proof.author, proof.holder]) }
        for removal in found.removals { peers.formUnion([removal.author, removal.target]) }
        for ballot in found.vote?.ballots ?? [] { peers.insert(ballot.voter) }
        return peers
    }
}
