import PeerNet
import PeerNode
import PeerState

/// Lowering and rotation are one act (PROTOCOL 7.6): judged when it is acknowledged.
extension Simulator {
    /// Channels whose key a removal by this node has to renew, with the epochs there were before.
    func closable(_ node: SimNode, _ asked: Asked) -> [Channel.ID: Set<Epoch.ID>] {
        guard [.kick, .suspend, .kickActor].contains(asked.kind), let target = asked.peer,
            let slot = asked.server.flatMap({ node.core?.servers[$0] }),
            slot.state.currentPrekey(of: node.peer) != nil
        else { return [:] }
        let now = slot.state.now
        var result: [Channel.ID: Set<Epoch.ID>] = [:]
        for channel in slot.state.channels(readBy: target)
        where slot.state.isReader(node.peer, of: channel, at: now) {
            guard slot.state.newestEpoch(of: channel).map({ slot.keys.holds($0.id) }) ?? true
            else { continue }
            result[channel] = Set(slot.state.epochs.keys)
        }
        return result
    }

    /// I-8: who removed somebody made a key that he is not given, for each channel he could read.
    func checkClosed(_ node: SimNode, _ asked: Asked, _ removal: Event.ID) {
        guard let target = asked.peer, !asked.closable.isEmpty,
            let state = asked.server.flatMap({ node.core?.servers[$0] })?.state,
            state.acceptedRemovals.contains(removal), state.standing(of: node.peer) != nil
        else { return }
        for (channel, before) in asked.closable.sorted(by: { $0.key < $1.key })
        where state.channel(channel) != nil && !state.isReader(target, of: channel, at: state.now) {
            let isRenewed = state.epochs.values.contains {
                $0.channel == channel && $0.author == node.peer && !before.contains($0.id)
            }
            if !isRenewed {
                violate(
                    "I-8", "node \(node.index): after a removal the removed keeps the newest key")
            }
        }
    }
}
