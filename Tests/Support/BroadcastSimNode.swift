package import PeerNet
package import PeerState

/// One simulated member.
package struct BroadcastSimNode: Sendable {
    package let number: Int
    package let peer: Peer.ID
    package internal(set) var isAlive = true
    package internal(set) var view: HyParView
    package internal(set) var tree: Plumtree
    /// Numbers of the events held, by author.
    var held: [UInt64: Set<UInt64>] = [:]
    var links: [Peer.ID: LinkID] = [:]
    var wakeAt: Instant?

    init(_ number: Int, _ peer: Peer.ID, seed: Seed, members: Int) {
        self.number = number
        self.peer = peer
        view = HyParView(identity: peer, random: seed.stream("view", UInt64(number)))
        tree = Plumtree(random: seed.stream("tree", UInt64(number)))
        _ = view.handle(.members(members), now: .zero)
    }

    var contact: SyncMessage.PeerAddresses {
        SyncMessage.PeerAddresses(peer: peer, addresses: ["node\(number):4646"])
    }

    func holds(_ toy: BroadcastSim.Toy) -> Bool { held[toy.author]?.contains(toy.seq) ?? false }
}
