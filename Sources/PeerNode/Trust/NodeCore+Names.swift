import PeerState

/// How people are named to this node's owner: nobody passes for another, or for the system.
extension NodeCore {
    /// The owner's nickname for a peer, else the name the peer chose, with the beginning of his key
    /// where that name is also somebody else's, else the key.
    func shownName(_ peer: Peer.ID, in slot: HostedServer) -> String {
        if let nickname = contacts[peer]?.nickname, !nickname.isEmpty { return nickname }
        guard let name = slot.state.displayName(of: peer) else { return peer.short }
        guard peer != me else { return name }
        return isAmbiguous(name, of: peer, in: slot) ? NameSkeleton.marked(name, peer) : name
    }

    private func isAmbiguous(_ name: String, of peer: Peer.ID, in slot: HostedServer) -> Bool {
        let skeleton = NameSkeleton(name)
        if skeleton.isReserved || skeleton.text.isEmpty { return true }
        if skeleton == NameSkeleton(slot.state.displayName(of: me) ?? displayName) { return true }
        let isNickname = contacts.contains { other, contact in
            other != peer && !contact.nickname.isEmpty
                && NameSkeleton(contact.nickname) == skeleton
        }
        if isNickname { return true }
        let others = slot.names.bearers(of: skeleton).subtracting([peer, me])
        guard !others.isEmpty else { return false }
        guard others.count <= Limits.namesakes else { return true }
        let own = claim(peer, slot)
        return others.contains { other in
            slot.state.displayName(of: other).map { NameSkeleton($0) } == skeleton
                && claim(other, slot) < own
        }
    }

    /// Whose a name is, of several who bear it: the smaller claim is the better one.
    private func claim(_ peer: Peer.ID, _ slot: HostedServer) -> NameClaim {
        let level = slot.state.standing(of: peer)?.level ?? .member
        return NameClaim(
            isUnverified: contacts[peer]?.isVerified != true, rank: -Int(level.rawValue),
            since: slot.state.joinedMilliseconds(peer), peer: peer)
    }

    /// A name for a peer from any server that knows one.
    func name(of peer: Peer.ID) -> String {
        if let nickname = contacts[peer]?.nickname, !nickname.isEmpty { return nickname }
        let known = servers.keys.sorted().first {
            servers[$0]?.state.displayName(of: peer) != nil
        }
        guard let slot = known.flatMap({ servers[$0] }) else { return peer.short }
        return shownName(peer, in: slot)
    }
}

/// What speaks for the bearer of a name; compared from left to right.
private struct NameClaim: Comparable {
    let isUnverified: Bool
    let rank: Int
    let since: UInt64
    let peer: Peer.ID

    static func < (left: Self, right: Self) -> Bool {
        if left.isUnverified != right.isUnverified { return right.isUnverified }
        return (left.rank, left.since, left.peer) < (right.rank, right.since, right.peer)
    }
}
