import PeerNet
package import PeerState

/// What a server shows to peers that are not in it, or not yet, or not any more.
extension HostedServer {
    /// Kinds whose envelopes are kept at hand.
    package static let keptKinds: Set<UInt64> = [
        ServerCreated.kind, OwnershipTransferred.kind, MemberGranted.kind, MemberRemoved.kind,
        MemberSuspended.kind, MemberLeft.kind, Proposed.kind, Enacted.kind, MemberAdmitted.kind,
    ]

    /// What ended this node's membership, unless state knows the event and decides by itself.
    package var lowering: Lowering? {
        if let shown = doorway.overruling, state.standing(of: me)?.proof == shown.proof {
            return shown.lowering
        }
        return doorway.lowering.flatMap { state.graph.contains($0.event) ? nil : $0 }
    }

    /// Why this node is not counted as a member there although its own state says so.
    var exclusion: NodeFailure? { lowering?.failure ?? doorway.refusal }

    /// Whether this node has to ask whoever let it in whether it still counts.
    var isDoubted: Bool { doorway.isDoubted && doorway.refusal == nil }

    /// Whether the newest key of every channel this node may read is here.
    var canReadAll: Bool {
        state.channels(readBy: me).allSatisfy { channel in
            state.newestEpoch(of: channel).map { keys.holds($0.id) } ?? true
        }
    }

    /// What a peer is to this server (PROTOCOL 9.1).
    func standing(of peer: Peer.ID) -> PeerStanding {
        if doorway.unanswered.contains(peer) { return .stranger }
        if !hasHistory {
            // Exactly those the invite names are believed, and nobody before one has let us in.
            return !doorway.isAsking && introducers.contains(peer) ? .member : .stranger
        }
        if replica.state.activeMembers.contains(peer) { return .member }
        if doorway.isReturning && !doorway.isAsking && introducers.contains(peer) {
            return .member
        }
        return state.hasBeenMember(peer) || state.wasLetIn(peer) ? .former : .stranger
    }

    /// Envelopes that show a newly granted peer his membership: the create event, his grant, its
    /// proof and so on; `nil` when he is no member or one of them is not durable.
    ///
    /// - Source: PROTOCOL 9.1, Offer.
    package func offer(for peer: Peer.ID) -> [[UInt8]]? {
        guard let standing = state.standing(of: peer),
            let created = keptEnvelopes[Event.ID(id)]
        else { return nil }
        var envelopes = [created]
        var next = standing.proof
        while let grant = next, envelopes.count < Limits.offerEnvelopes {
            guard let envelope = keptEnvelopes[grant] else { return nil }
            envelopes.append(envelope)
            next = state.proof(of: grant)
        }
        return envelopes
    }

    /// Envelopes of what ended the membership of `peer`, and of what that rests on; `nil` while
    /// the latest ending is not durable.
    func lowerings(of peer: Peer.ID) -> [[UInt8]]? {
        let all = state.lowerings(of: peer)
        if let latest = all.first, keptEnvelopes[latest] == nil { return nil }
        return all.prefix(Limits.lowerings).compactMap { keptEnvelopes[$0] }
    }
}
