import PeerNet
import PeerNode
import PeerState

/// Acts on messages, channels and on what members tell of themselves.
extension Simulator {
    /// One of the last messages a node shows in a channel.
    func recent(
        _ node: SimNode, _ server: Server.ID, _ channel: Channel.ID, _ draw: UInt64
    ) -> StoredMessage? {
        do {
            let page = try node.store.messages(of: channel, in: server, .newest, limit: 12)
            guard !page.messages.isEmpty else { return nil }
            return page.messages[Int(draw) % page.messages.count]
        } catch {
            cannotRead(node, error)
            return nil
        }
    }

    func content(_ node: SimNode, _ step: Plan.Step, _ given: Asked) {
        guard let server = given.server, let channel = given.channel,
            let message = recent(node, server, channel, step.b)
        else {
            tally.skipped += 1
            return
        }
        var asked = given
        let emoji = ["+1", "-1", "ok"][Int(step.b >> 8) % 3]
        let deed: ContentAct
        switch step.kind {
        case .edit:
            let text = "\(Self.marker) edit \(step.id)"
            asked.text = text
            deed = .edit(text: text)
        case .delete: deed = .delete(reason: "")
        case .react: deed = .react(emoji: emoji)
        case .unreact: deed = .unreact(emoji: emoji)
        case .pin: deed = .pin
        default: deed = .unpin
        }
        act(node, .content(deed, on: message.id, in: server, principal: "agent"), asked)
    }

    func profile(_ node: SimNode, _ step: Plan.Step, _ asked: Asked) {
        guard let server = asked.server, let channel = asked.channel else { return }
        if step.kind == .typing { return act(node, .live(.typing(channel, in: server)), asked) }
        let status = CBORValue.text("status \(step.id)")
        act(node, .server(.profile([2: status]), in: server), asked)
    }

    func manage(_ node: SimNode, _ step: Plan.Step, _ asked: Asked) {
        guard let server = asked.server, let channel = asked.channel else { return }
        let deed: ChannelAct
        switch step.kind {
        case .rename: deed = .rename(channel, name: "renamed \(step.id)")
        case .topic: deed = .setTopic(channel, topic: "topic \(step.id)")
        case .rotate: deed = .rotateKey(channel)
        case .dropChannel:
            // The first one stays, so that there always is somewhere to write.
            guard ledger.channels[server]?.contains(channel) == true else { return }
            deed = .delete(channel)
        default:
            let roles = node.core?.servers[server]?.state.roleInfos.map(\.id).sorted() ?? []
            let isOpen = step.b % 2 == 0 || roles.isEmpty
            ledger.restricted.insert(channel)
            deed = .setReaders(
                channel, isOpen ? nil : [roles[Int(step.b >> 4) % roles.count]])
        }
        act(node, .channel(deed, in: server), asked)
    }
}
