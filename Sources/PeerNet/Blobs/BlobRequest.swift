package import PeerState

/// A chunk to be brought here.
package struct BlobRequest: Hashable, Sendable {
    package let server: Server.ID
    package let chunk: Chunk.ID
    /// Bytes of its ciphertext, as the message that names it says.
    package let size: Int

    package init(server: Server.ID, chunk: Chunk.ID, size: Int) {
        self.server = server
        self.chunk = chunk
        self.size = size
    }
}
