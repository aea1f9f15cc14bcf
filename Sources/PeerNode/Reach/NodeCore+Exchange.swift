import PeerNet
import PeerState

// Peer exchange: members of one server tell each other where members can be reached.
extension NodeCore {
    /// Tells a member addresses of others, now and then.
    mutating func tellPeers(of server: Server.ID, to link: LinkID) {
        guard let slot = links[link], let receiver = slot.peer,
            let members = reach.neighbours.members(of: server), members.contains(receiver),
            // Who has no history yet does not know whose addresses these are.
            sync.agrees(link, on: server)
        else { return }
        guard reach.acquaintances.mayTell(link, of: server, now.monotonic) else { return }
        let contacts = reach.acquaintances.contacts(
            for: receiver, among: members, own: listenAddresses,
            isNear: Acquaintances.isLoopback(slot.address))
        guard !contacts.isEmpty else { return }
        session(link, .send(frame: SyncMessage.peers(server, contacts).bytes))
    }

    /// Takes addresses of members, at most one frame a minute from one peer and server.
    mutating func learnPeers(
        _ contacts: [Neighbourhood.Contact], of server: Server.ID, from link: LinkID
    ) {
        guard let sender = links[link]?.peer,
            let members = reach.neighbours.members(of: server), members.contains(sender)
        else { return }
        guard
            let learned = reach.acquaintances.learn(
                contacts, of: server, from: sender, among: members, now.monotonic)
        else {
            reach.counters.count(.peersIgnored)
            return
        }
        reach.counters.count(.addressesLearned, learned.new)
        reach.counters.count(.addressesRefused, learned.refused)
        reach.isStale = reach.isStale || learned.new > 0
        if !learned.contacts.isEmpty {
            views(.learned(server, learned.contacts, from: sender))
        }
    }

    /// An address kept by an earlier version moves into the book.
    mutating func moveAddress(_ address: String, _ setting: String, _ peer: Substring) {
        current.batch.settings.append(Setting(name: setting, value: nil))
        guard let peer = Peer.ID(hex: String(peer)) else { return }
        reach.acquaintances.book.met(address, peer, now.wallMilliseconds)
    }
}
