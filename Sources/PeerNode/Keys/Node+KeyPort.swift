package import PeerState

extension Node {
    package func readers(of message: Event.ID) async throws -> MessageReaders? {
        let found = try await ask { store in try store.message(message, withSealed: true) }
        guard let found, look({ $0.isForReader(found) }),
            let info = core.servers[found.server]?.state.message(message)
        else { return nil }
        // An edited message is as open as the text that is shown.
        let ids = [found.server: [info.text]]
        let events = try await ask { store in try NodeStorage.events(ids, store) }
        return events.first.flatMap { core.readers(of: $0) }
    }

    package func readers(of channel: Channel.ID, in server: Server.ID) -> [Peer.ID] {
        core.readers(of: channel, in: server)
    }

    package func shownName(_ peer: Peer.ID, in server: Server.ID) -> String {
        guard let slot = core.servers[server] else { return peer.short }
        return look { $0.shownName(peer, in: slot) }
    }
}

extension NodeCore {
    /// Who may read a channel now, in the order of their keys; nobody where it is unknown.
    package func readers(of channel: Channel.ID, in server: Server.ID) -> [Peer.ID] {
        guard let state = servers[server]?.state else { return [] }
        return state.members(at: state.now).filter {
            state.isReader($0, of: channel, at: state.now)
        }.sorted()
    }

    /// Who can open the text of a stored message or edit.
    package func readers(of event: Event) -> MessageReaders? {
        guard let sealed = event.sealedText else { return nil }
        return servers[event.server]?.state.readers(of: event.id, under: sealed.epoch)
    }
}
