/// That a message names a chunk, as the database keeps it.
package struct ChunkRow: Hashable, Sendable {
    package let chunk: Chunk.ID
    package let message: Event.ID
    package let server: Server.ID

    package init(chunk: Chunk.ID, message: Event.ID, server: Server.ID) {
        self.chunk = chunk
        self.message = message
        self.server = server
    }
}
