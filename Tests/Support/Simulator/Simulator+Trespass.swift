import PeerNet
import PeerNode
import PeerState

/// A member that signs what honest nodes refuse to sign: acts above its rank, and on others' words.
///
/// Nobody may give them any effect, whatever order they come in (I-4).
extension Simulator {
    func trespass(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(6), let body = trespassing(hostile, server) else { return }
        let own = hostile.replicas[server]?.nextPlace(of: hostile.peer).prev
        let tips = hostile.replicas[server]?.state.graph.tipIDs.filter { $0 != own }.sorted() ?? []
        guard let draft = draft(hostile, body, server, deps: tips.suffix(16).sorted()) else {
            return
        }
        spread(hostile, draft, server)
    }

    private func trespassing(_ hostile: HostileNode, _ server: Server.ID) -> (any EventBody)? {
        guard let state = hostile.replicas[server]?.state else { return nil }
        let members = state.members(at: state.now).filter { $0 != hostile.peer }.sorted()
        switch hostile.draw(8) {
        case 0: return ChannelCreated(name: "trespassed \(hostile.ticks)")
        case 1: return grantPuppet(hostile, server)
        case 2: return RoleCreated(name: "trespassed \(hostile.ticks)", permissions: .manageRoles)
        case 3 where !members.isEmpty:
            let target = members[Int(hostile.draw(UInt64(members.count)))]
            // It counts where somebody has raised this one before.
            if ledger.raised[server]?.contains(hostile.peer) == true {
                ledger.lowered[server, default: []].insert(target)
            }
            return MemberRemoved(target: target, cut: state.lastPlace(of: target), reason: "")
        default: return onWords(hostile, server, state)
        }
    }

    /// An edit or a deletion of what somebody else wrote.
    private func onWords(
        _ hostile: HostileNode, _ server: Server.ID, _ state: ServerState
    ) -> (any EventBody)? {
        let messages = state.messageIDs.filter {
            state.message($0)?.author != hostile.peer && state.message($0)?.status != .deleted
        }.sorted()
        guard !messages.isEmpty else { return nil }
        let message = messages[Int(hostile.draw(UInt64(messages.count)))]
        guard !hostile.chance(3), let epoch = hostile.events[message]?.sealedText?.epoch else {
            return MessageDeleted(message: message, reason: "")
        }
        // It need not open: whose words a message holds is told by who signed them.
        let sealed = SealedBody(
            epoch: epoch, nonce: hostile.entropy.bytes(24), ciphertext: hostile.entropy.bytes(64))
        return MessageEdited(message: message, sealed: sealed)
    }

    /// I-4: a message says what its author wrote, and only those who lead delete it for him.
    func judgeWords(_ server: Server.ID, _ node: SimNode) {
        guard let state = node.core?.servers[server]?.state else { return }
        var leading = ledger.raised[server] ?? []
        if let founder = ledger.founders[server] { leading.insert(founder) }
        for id in state.messageIDs {
            guard let info = state.message(id) else { continue }
            if info.status == .deleted {
                let deleter = state.deletion(of: id).flatMap { state.author(of: $0) }
                guard let deleter, deleter != info.author, !isRaised(deleter, leading) else {
                    continue
                }
                violate("I-4", "node \(node.index): a member deleted words of somebody else")
            } else if let author = state.author(of: info.text), author != info.author {
                violate("I-4", "node \(node.index): a member edited words of somebody else")
            }
        }
    }

    /// Whether somebody had more than membership, or got it of somebody who had.
    private func isRaised(_ peer: Peer.ID, _ leading: Set<Peer.ID>) -> Bool {
        leading.contains(peer) || ledger.puppets[peer].map { leading.contains($0.maker) } == true
    }
}
