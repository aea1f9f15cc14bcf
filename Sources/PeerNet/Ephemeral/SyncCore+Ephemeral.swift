import PeerState

// Messages that nobody stores travel over the links that pushed events do.
extension SyncCore {
    /// Sends an ephemeral message on: our own over every link of its server, as own events go,
    /// another's over the eager ones.
    ///
    /// Nothing announces these messages, so a branch of the tree that lost its link misses them
    /// until an event has mended it; the author's own links are what makes that rare.
    ///
    /// - Parameter origin: the link that brought it; nil for our own.
    mutating func spread(_ frame: EphemeralFrame, from origin: LinkID?, _ turn: inout Turn) {
        grow(frame.server, turn)
        guard let tree = servers[frame.server]?.tree else { return }
        let bytes = SyncMessage.ephemeral(frame).bytes
        for link in tree.sortedLinks
        where link != origin && (origin == nil || tree.isEager(link)) {
            guard links[link]?.peer != frame.author else { continue }
            turn.effects.append(.send(link, bytes))
        }
    }
}
