import PeerState

// Messages that nobody stores travel over the links that pushed events do.
extension SyncCore {
    /// Sends an ephemeral message to the eager links of its server.
    ///
    /// - Parameter origin: the link that brought it; nil for our own.
    mutating func spread(_ frame: EphemeralFrame, from origin: LinkID?, _ turn: inout Turn) {
        grow(frame.server, turn)
        guard let tree = servers[frame.server]?.tree else { return }
        let bytes = SyncMessage.ephemeral(frame).bytes
        for link in tree.sortedLinks where link != origin && tree.isEager(link) {
            guard links[link]?.peer != frame.author else { continue }
            turn.effects.append(.send(link, bytes))
        }
    }
}
