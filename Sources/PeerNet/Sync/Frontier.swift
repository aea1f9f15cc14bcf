package import PeerState

/// Names a set of events by its heads, so that two peers compare sets with 32 bytes.
///
/// - Source: PROTOCOL 6.3.
package enum Frontier {
    /// A forked author: the lowest number with two events, and the heads that are not loose.
    package struct Fork: Hashable, Sendable {
        package var from: UInt64
        package var heads: [Head]

        package init(from: UInt64, heads: [Head]) {
            self.from = from
            self.heads = heads
        }
    }

    /// - Parameter forks: for their authors these replace what `heads` says.
    package static func digest(
        heads: [Peer.ID: Head], forks: [Peer.ID: Fork] = [:]
    ) -> Digest.Value {
        var authors = Array(heads.keys)
        for author in forks.keys where heads[author] == nil { authors.append(author) }
        authors.sort()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(authors.count * 72)
        for author in authors {
            if let fork = forks[author] {
                append(author, fork, to: &bytes)
            } else if let head = heads[author] {
                append(author, head, to: &bytes)
            }
        }
        return Sodium.hash("peer-agent/frontier/1", bytes)
    }

    private static func append(_ author: Peer.ID, _ head: Head, to bytes: inout [UInt8]) {
        author.append(to: &bytes)
        append(head.seq, to: &bytes)
        head.id.append(to: &bytes)
    }

    private static func append(_ author: Peer.ID, _ fork: Fork, to bytes: inout [UInt8]) {
        author.append(to: &bytes)
        append(fork.from, to: &bytes)
        Sodium.hash("peer-agent/fork/1", author.bytes).append(to: &bytes)
        let sorted = fork.heads.sorted { ($0.seq, $0.id) < ($1.seq, $1.id) }
        for head in sorted { append(author, head, to: &bytes) }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
