package import PeerState

/// What the agent layer may ask about keys.
package protocol KeyPort: Sendable {
    /// Who can open a message; `nil` when no server here holds it.
    func readers(of message: Event.ID) async throws -> MessageReaders?
    /// Who may read a channel now, in the order of their keys.
    func readers(of channel: Channel.ID, in server: Server.ID) async -> [Peer.ID]
    /// The name of a peer as a server shows it.
    func shownName(_ peer: Peer.ID, in server: Server.ID) async -> String
}

extension KeyPort {
    package func readers(of message: Event.ID) async throws -> MessageReaders? { nil }
    package func readers(of channel: Channel.ID, in server: Server.ID) async -> [Peer.ID] { [] }
    package func shownName(_ peer: Peer.ID, in server: Server.ID) async -> String { peer.short }
}
