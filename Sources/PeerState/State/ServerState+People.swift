extension ServerState {
    /// The value of a profile field that was written last by an event that takes effect.
    func profileValue(_ peer: Peer.ID, _ field: UInt64) -> [UInt8]? {
        let value = profiles[peer]?[field]?.filter { graph.isEffective($0.slot) }
            .max { graph.precedes($0.slot, $1.slot) }?.value
        return value == [0xf6] ? nil : value
    }

    /// The display name a peer chose in this server.
    package func displayName(of peer: Peer.ID) -> String? {
        guard let value = profileValue(peer, ProfileUpdated.displayNameField),
            case .text(let name)? = decoded(value)
        else { return nil }
        return name
    }

    /// Whether a peer presents itself as an agent, or is one by the limits of its grant.
    package func isAgent(_ peer: Peer.ID) -> Bool {
        if standing(of: peer)?.isAttenuated == true { return true }
        guard let value = profileValue(peer, ProfileUpdated.peerKindField) else { return false }
        return decoded(value) == .unsigned(1)
    }

    private func decoded(_ value: [UInt8]) -> CBORValue? {
        // Stored fields passed the same decoder on arrival.
        do { return try CBORValue(decoding: value) } catch { return nil }
    }

    /// When a peer first became a member, by the clock of who granted it, ms.
    package func joinedMilliseconds(_ peer: Peer.ID) -> UInt64 {
        if peer == founder || isDirect { return createdMilliseconds }
        return authority.grantsByTarget[peer]?.filter { graph.isEffective($0) }
            .map { graph.wallPlus($0) }.min() ?? 0
    }

    /// The current prekey of a member in State(past): the highest seq, of a fork the smaller id.
    func prekey(of peer: Peer.ID, at past: Past) -> Prekey? {
        prekeys[peer]?.filter { isInForce($0.slot, at: past) }
            .min { $0.seq == $1.seq ? $0.event < $1.event : $0.seq > $1.seq }
    }

    package func currentPrekey(of peer: Peer.ID) -> Exchange.PublicKey? {
        prekey(of: peer, at: now)?.key
    }
}
