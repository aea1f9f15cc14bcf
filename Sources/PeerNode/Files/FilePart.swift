import PeerState

/// Some bytes of a file, and what file it is.
package struct FilePart: Sendable {
    package var file: FileSnapshot
    package var offset: Int
    package var bytes: [UInt8]
    /// Whether every chunk of the file is on this machine.
    package var isLocal: Bool

    package init(file: FileSnapshot, offset: Int, bytes: [UInt8], isLocal: Bool) {
        self.file = file
        self.offset = offset
        self.bytes = bytes
        self.isLocal = isLocal
    }

    package var hasMore: Bool { offset + bytes.count < file.size }
}
