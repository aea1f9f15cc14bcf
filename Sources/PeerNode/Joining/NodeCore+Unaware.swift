import PeerNet
import PeerState

/// Peers named by an invite that do not take this node for a member.
///
/// Whoever wrote the grant has it. Anybody else may not have heard of it yet, says the same to a
/// stranger, and is asked again for as long as the join waits.
extension NodeCore {
    /// Fails a join only when nobody who is named can know better.
    mutating func noteUnaware(_ server: Server.ID, _ peer: Peer.ID) {
        guard let slot = servers[server], slot.introducers.contains(peer), !slot.doorway.isAsking,
            linkJoins[server] == nil, let join = joins[server]
        else { return }
        joins[server]?.unaware.insert(peer)
        if slot.introducers == [join.inviter], let failure = hopelessness(of: server) {
            return failJoin(server, failure)
        }
        guard join.askAgainAt == nil else { return }
        let due = now.monotonic + Limits.joinRetryFirst
        joins[server]?.askAgainAt = due
        wakes.add(due)
    }

    /// Says Hello again to those who did not know this node.
    mutating func askAgain(_ server: Server.ID) {
        guard let join = joins[server], let due = join.askAgainAt, due <= now.monotonic else {
            return
        }
        joins[server]?.askAgainAt = nil
        for link in links.keys.sorted(by: { $0.number < $1.number }) {
            guard let peer = links[link]?.peer, join.unaware.contains(peer) else { continue }
            syncHandle(.greet(server, link))
        }
    }

    /// Why a join cannot succeed: everybody named was asked, and nobody knows this node.
    func hopelessness(of server: Server.ID) -> NodeFailure? {
        guard let slot = servers[server], !slot.hasHistory, let join = joins[server],
            slot.introducers.isSubset(of: join.unaware)
        else { return nil }
        guard slot.introducers.count > 1 else {
            return NodeFailure(
                .wrongRecipient, "the inviter does not know this peer: the invite is for another")
        }
        return NodeFailure(
            .wrongRecipient,
            "none of the \(slot.introducers.count) peers named in the invite knows this one: it is "
                + "for another peer, or they have not heard of it yet; try again in a minute")
    }
}
