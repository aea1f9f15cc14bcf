package import PeerNet
package import PeerState

/// Whoever is on the network and is no node of ours.
package protocol Outsider: AnyObject {
    /// - Returns: what to write on which link.
    func handle(_ event: MemoryNetwork.Event, now: Instant) -> [(LinkID, [UInt8])]
}
