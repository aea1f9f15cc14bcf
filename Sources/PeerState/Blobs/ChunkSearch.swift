/// What a node that keeps files for others asks of its store: which chunks to bring here next.
///
/// Authors take turns, so that who names much delays nobody else.
package struct ChunkSearch: Hashable, Sendable {
    /// Behind which author of which server the search goes on.
    package struct Place: Hashable, Sendable {
        package let server: Server.ID
        package let author: Peer.ID

        package init(server: Server.ID, author: Peer.ID) {
            self.server = server
            self.author = author
        }
    }

    /// Where to look, and up to when (ms since 1970) what was asked for may be asked for again.
    package var servers: [Server.ID: UInt64]
    package var after: Place?
    /// Authors who have as much here as they may.
    package var passingOver: Set<Peer.ID> = []
    /// Chunks that are being fetched.
    package var underWay: Set<Chunk.ID> = []
    /// What became of those found before; written first.
    package var notes: [ChunkNote] = []

    package init(servers: [Server.ID: UInt64], after: Place? = nil) {
        self.servers = servers
        self.after = after
    }
}

/// What became of a chunk that was to be kept.
package enum ChunkNote: Hashable, Sendable {
    /// It lies here with so many bytes, which count for everybody who names it.
    case kept(Chunk.ID, bytes: Int)
    /// It is not here, and a search up to this time (ms since 1970) passes it over.
    case postponed(Chunk.ID, Event.ID, until: UInt64)
}

/// A chunk that a stored message names and that is not known to be here.
package struct MissingChunk: Hashable, Sendable {
    package let server: Server.ID
    package let message: Event.ID
    package let chunk: Chunk.ID
    /// Bytes of its ciphertext, as the message says; `nil` for what no chunk can have.
    package let size: Int?

    package init(server: Server.ID, message: Event.ID, chunk: Chunk.ID, size: Int?) {
        self.server = server
        self.message = message
        self.chunk = chunk
        self.size = size
    }
}

/// Chunks of one author that are not known to be here, in the order in which to ask for them.
package struct MissingChunks: Hashable, Sendable {
    package var rows: [MissingChunk] = []
    /// Whose they are; where the search ended.
    package var place: ChunkSearch.Place?
    /// What is here of this author's, over all servers.
    package var keptBytes = 0
    package var keptCount = 0
    /// Whether every author was looked at; with no rows nothing is left to ask for.
    package var isComplete = true

    package init() {}
}
