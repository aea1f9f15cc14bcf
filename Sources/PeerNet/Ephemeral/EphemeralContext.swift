package import PeerState

/// What the core of ephemeral messages may ask about a server's members and channels.
package protocol EphemeralContext {
    func isActive(_ peer: Peer.ID, in server: Server.ID) -> Bool
    /// The channel of an epoch that is known here.
    func channel(of epoch: Epoch.ID, in server: Server.ID) -> Channel.ID?
    func isReader(_ peer: Peer.ID, of channel: Channel.ID, in server: Server.ID) -> Bool
}
