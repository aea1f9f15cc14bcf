import PeerState

/// A file of a message as views show it.
package struct FileSnapshot: Hashable, Sendable {
    package var id: FileID
    package var name: String
    package var mediaType: String
    package var size: Int

    package init(id: FileID, name: String, mediaType: String, size: Int) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.size = size
    }
}
