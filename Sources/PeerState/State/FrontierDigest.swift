/// The digest two nodes compare to know that they hold the same events.
///
/// - Shape: over authors sorted of author ‖ seq ‖ head; of a forked author first author ‖ n ‖
///   H(fork, author), then each of his heads that is not loose (PROTOCOL 6.3).
package enum FrontierDigest {
    package static func of(_ state: ServerState) -> Digest.Value {
        let graph = state.graph
        var bytes: [UInt8] = []
        let authors = graph.chains.indices.map { AuthorNumber(index: Int32($0)) }
        for author in authors.sorted(by: { graph.peer($0) < graph.peer($1) }) {
            let peer = graph.peer(author)
            if let fork = state.lowestFork(of: author) {
                append(peer, fork, &bytes)
                Digest.Value(Sodium.hash("peer-agent/fork/1", peer.bytes)).append(to: &bytes)
            }
            for head in heads(of: author, graph) {
                append(peer, graph.seq(head), &bytes)
                graph.id(head).append(to: &bytes)
            }
        }
        return Digest.Value(Sodium.hash("peer-agent/frontier/1", bytes))
    }

    /// The last events of a chain that are not loose, by seq and id.
    private static func heads(of author: AuthorNumber, _ graph: EventGraph) -> [Slot] {
        let chain = graph.chains[Int(author.index)]
        guard graph.forked.contains(author) else { return chain.heads }
        let counted = chain.all.filter { !graph.flags($0).contains(.loose) }
        let heads = counted.filter { slot in
            !counted.contains { $0 != slot && graph.prev(of: $0) == slot }
        }
        return heads.sorted {
            graph.seq($0) == graph.seq($1)
                ? graph.id($0) < graph.id($1) : graph.seq($0) < graph.seq($1)
        }
    }

    private static func append(_ peer: Peer.ID, _ seq: UInt64, _ bytes: inout [UInt8]) {
        peer.append(to: &bytes)
        withUnsafeBytes(of: seq.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
