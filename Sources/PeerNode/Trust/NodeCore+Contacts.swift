import PeerNet
package import PeerState

/// Notes about peers: nicknames, compared keys, and who is not to be heard.
extension NodeCore {
    func isBlocked(_ peer: Peer.ID) -> Bool { contacts[peer]?.isBlocked == true }

    /// Stands for the text of somebody who is blocked.
    static var withheld: String { "[withheld: author blocked]" }

    package var blockedPeers: Set<Peer.ID> {
        Set(contacts.filter { $0.value.isBlocked }.keys)
    }

    /// A filter that leaves out whom the owner does not want to hear.
    package func heard(_ filter: WaitFilter) -> WaitFilter {
        var filter = filter
        filter.excluded = blockedPeers
        return filter
    }

    /// Whether anything here has ever spoken of that peer.
    func hasMet(_ peer: Peer.ID) -> Bool {
        contacts[peer] != nil || links.values.contains { $0.peer == peer }
            || offers.values.contains { $0.from == peer || $0.author == peer }
            || servers.values.contains { slot in
                slot.state.standing(of: peer) != nil || slot.state.lastPlace(of: peer) != nil
            }
    }

    mutating func setContact(
        _ reply: ReplyID, _ peer: Peer.ID, _ change: ContactChange
    ) throws(NodeFailure) {
        guard peer != me else {
            throw NodeFailure(.invalidArgument, "peer_id: that is this node itself")
        }
        guard hasMet(peer) else {
            throw NodeFailure(.unknownPeer, "nothing here has met peer \(peer.short)")
        }
        let before = contacts[peer] ?? Contact()
        var contact = before
        if let nickname = change.nickname {
            if !nickname.isEmpty {
                try checkText(nickname, .name, max: Limits.nickname, "nickname")
            }
            contact.nickname = nickname
        }
        contact.isVerified = change.isVerified ?? contact.isVerified
        contact.isBlocked = change.isBlocked ?? contact.isBlocked
        guard before != contact else {
            return succeed(reply, Outcome(.unchanged), isShared: false)
        }
        guard contacts[peer] != nil || contacts.count < Limits.contacts else {
            throw NodeFailure(.limit, "\(Limits.contacts) peers are noted; forget some first")
        }
        contacts[peer] = contact.isEmpty ? nil : contact
        current.batch.settings.append(
            Setting(
                name: "contact/\(peer.hex)", value: contact.isEmpty ? nil : contact.bytes))
        if contact.isBlocked {
            for (server, offer) in offers where offer.from == peer { forgetOffer(server) }
        }
        noteContactChange()
        succeed(reply, Outcome(.applied), isShared: false)
    }

    private mutating func noteContactChange() {
        change(.servers)
        for id in servers.keys.sorted() {
            change(.members(id))
            change(.unread(id))
            for channel in servers[id]?.state.holdingChannels ?? [] {
                change(.messages(id, channel.id))
            }
        }
    }

    mutating func restoreContact(_ peer: some StringProtocol, _ value: [UInt8]) {
        guard let peer = Peer.ID(hex: peer) else { return }
        do { contacts[peer] = try Contact(decoding: value) } catch {
            log.log(.warning, "the note about peer \(peer) cannot be read: \(error)")
        }
    }

    /// `nil` for a peer nothing here has met.
    package func contact(_ peer: Peer.ID) -> ContactSnapshot? {
        guard peer != me, hasMet(peer) else { return nil }
        return ContactSnapshot(
            peer: peer, contact: contacts[peer] ?? Contact(), name: name(of: peer),
            safetyNumber: SafetyNumber.text(me, peer))
    }
}
