package import AgentServer
package import PeerState

/// The last file of a backup: what it holds, and the hash of each part.
package struct BackupManifest: Sendable {
    package static let name = "manifest.json"
    package static let version: Int64 = 1
    /// What stands before the id of a chunk in the name of its part.
    package static let chunkPrefix = "blobs/"

    package struct Part: Hashable, Sendable {
        package let name: String
        package let size: UInt64
        package let hash: Digest.Value

        package init(name: String, size: UInt64, hash: Digest.Value) {
            self.name = name
            self.size = size
            self.hash = hash
        }
    }

    package let peer: Peer.ID?
    package let madeAtMilliseconds: UInt64
    package let parts: [Part]
    /// How many chunks of files come beside the parts; each is named by its hash.
    package let chunks: Int

    package init(peer: Peer.ID?, madeAtMilliseconds: UInt64, parts: [Part], chunks: Int = 0) {
        self.peer = peer
        self.madeAtMilliseconds = madeAtMilliseconds
        self.parts = parts
        self.chunks = chunks
    }

    package var json: JSON {
        let parts = self.parts.map { part -> JSON in
            [
                "name": .string(part.name), "size": JSON(part.size),
                "blake2b_256": .string(part.hash.hex),
            ]
        }
        return [
            "peer_agent_backup": .integer(Self.version),
            "peer_id": peer.map { .string($0.hex) } ?? .null,
            "made_at_ms": JSON(madeAtMilliseconds), "parts": .array(parts),
            "chunks": JSON(UInt64(chunks)),
        ]
    }

    /// Returns `nil` for what this version cannot read.
    package init?(_ json: JSON) {
        guard json["peer_agent_backup"]?.integer == Self.version,
            let at = json["made_at_ms"]?.integer, at >= 0, let rows = json["parts"]?.array
        else { return nil }
        var parts: [Part] = []
        for row in rows {
            guard let name = row["name"]?.string, let size = row["size"]?.integer, size >= 0,
                let hash = row["blake2b_256"]?.string.flatMap({ Digest.Value(hex: $0) })
            else { return nil }
            parts.append(Part(name: name, size: UInt64(size), hash: hash))
        }
        peer = json["peer_id"]?.string.flatMap { Peer.ID(hex: $0) }
        madeAtMilliseconds = UInt64(at)
        self.parts = parts
        // Backups of before they held files do not say.
        chunks = Int(json["chunks"]?.integer ?? 0)
    }
}
