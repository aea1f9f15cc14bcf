import PeerNet
import PeerNode
package import PeerState

/// Ends of nodes at a chosen point.
extension Mesh {
    /// A message is stored, and its node gone before it has heard so, told anybody or sent it.
    package func crashInCommit(
        _ node: Int, life: UInt64, posting text: String, _ server: Server.ID,
        _ channel: Channel.ID
    ) throws {
        diesInCommit.insert(node)
        begin(
            node,
            .postMessage(
                PostMessage(principal: "test", server: server, channel: channel, text: text)))
        diesInCommit.remove(node)
        try crash(node, life: life)
    }

    /// Lets a node's store take nothing until it is told to; a crash before that loses all of it.
    package func holdCommits(of node: Int) { heldCommits[node] = [] }

    package func releaseCommits(of node: Int) {
        for (job, batch) in heldCommits.removeValue(forKey: node) ?? [] { commit(node, job, batch) }
    }

    /// Copies a node's database while the node goes on.
    package func backUp(_ node: Int, to path: String) throws {
        try members[node].store.copyDatabase(to: path)
    }

    /// Ends a node and starts it from a copy of its database, as one that finds its high-water
    /// file ahead of it does.
    package func goBack(_ node: Int, to path: String, life: UInt64) throws {
        var entropy = Entropy.seeded(SeededRandom(seed: life))
        members[node].store = try StoreCore(path: path, entropy: &entropy)
        try crash(node, life: life, recovery: Recovery(since: network.now, affected: nil))
    }
}
