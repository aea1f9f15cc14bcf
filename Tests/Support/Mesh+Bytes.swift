import Foundation
import PeerNet
import PeerNode
package import PeerState

/// Looking at what a node has on its disk, byte by byte.
extension Mesh {
    /// Everything a node stores: its database with what is not merged yet, and chunks of files.
    package func storedBytes(_ node: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        if let file = database(node) {
            for name in [file, file + "-wal"] where FileManager.default.fileExists(atPath: name) {
                bytes += try Data(contentsOf: URL(fileURLWithPath: name))
            }
        }
        for chunk in members[node].shelf.entries.keys { bytes += held(node, chunk) ?? [] }
        return bytes
    }

    /// A node's own key, for what its hostile twin signs.
    package func key(_ node: Int) -> SigningKey { members[node].key }

    /// Settings in a node's database whose names begin so.
    package func settings(_ node: Int, prefix: String) throws -> [Setting] {
        try members[node].store.settings(prefix: prefix)
    }

    /// Secrets of prekeys in a node's database.
    package func storedPrekeys(_ node: Int) throws -> [PrekeyRow] {
        try members[node].store.prekeys()
    }

    /// What the replica of a node would write next, under its own key and no rule but the wire's.
    package func forge(
        _ node: Int, _ server: Server.ID, _ bodies: [any EventBody]
    ) throws -> [Replica.Stored] {
        guard var replica = core(node).servers[server]?.replica else { return [] }
        let writer = Replica.Writer(key: key(node), wallMilliseconds: wallMilliseconds(node))
        return try bodies.flatMap { try replica.author($0, by: writer) }
    }

    /// Events of a server as a node stores them.
    package func envelopes(_ node: Int, _ server: Server.ID) throws -> [[UInt8]] {
        let heads = core(node).servers[server]?.committedHeads ?? [:]
        let ranges = heads.map { EventRange(author: $0.key, from: 1, through: $0.value.seq) }
        let page = try members[node].store.page(
            of: server, ranges: ranges, maxBytes: .max, maxCount: .max)
        return page.events.map(\.envelope)
    }
}
