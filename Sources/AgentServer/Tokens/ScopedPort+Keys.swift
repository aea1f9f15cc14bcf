import PeerNode
package import PeerState

/// Who can read a message is told to who may see the message.
extension ScopedPort {
    package func readers(of message: Event.ID) async throws -> MessageReaders? {
        _ = try await self.message(message)
        return try await base.readers(of: message)
    }

    package func readers(of channel: Channel.ID, in server: Server.ID) async -> [Peer.ID] {
        await base.readers(of: channel, in: server)
    }

    package func shownName(_ peer: Peer.ID, in server: Server.ID) async -> String {
        await base.shownName(peer, in: server)
    }
}
