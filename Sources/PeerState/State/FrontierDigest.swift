/// The digest two nodes compare to know that they hold the same events.
///
/// - Shape: over authors sorted of author ‖ seq ‖ head; of a forked author first author ‖ n ‖
///   H(fork, author), then each of his heads that is not loose (PROTOCOL 6.3).
package enum FrontierDigest {
    package static func of(_ state: ServerState) -> Digest.Value {
        let graph = state.graph
        let forks = state.forks
        var bytes: [UInt8] = []
        for peer in graph.authorIDs.sorted() {
            if let fork = forks[peer] {
                append(peer, fork.from, &bytes)
                Digest.Value(Sodium.hash("peer-agent/fork/1", peer.bytes)).append(to: &bytes)
                for head in fork.heads { append(peer, head.seq, head.id, &bytes) }
            } else if let head = graph.head(of: peer) {
                append(peer, head.seq, head.id, &bytes)
            }
        }
        return Digest.Value(Sodium.hash("peer-agent/frontier/1", bytes))
    }

    private static func append(_ peer: Peer.ID, _ seq: UInt64, _ bytes: inout [UInt8]) {
        peer.append(to: &bytes)
        withUnsafeBytes(of: seq.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(
        _ peer: Peer.ID, _ seq: UInt64, _ head: Event.ID, _ bytes: inout [UInt8]
    ) {
        append(peer, seq, &bytes)
        head.append(to: &bytes)
    }
}
