package import PeerState

/// Some bytes of a file that an agent hands over.
package struct UploadPart: Sendable {
    package var principal: String
    /// `nil` begins a file.
    package var upload: String?
    /// Name, media type and size belong to the first part.
    package var name: String?
    package var mediaType: String?
    /// Of the whole file; needed unless the first part is the last.
    package var size: Int?
    package var offset: Int
    package var bytes: [UInt8]
    package var isLast: Bool
    /// The largest file that is taken.
    package var limit = Limits.fileSize

    package init(
        principal: String, upload: String? = nil, name: String? = nil, mediaType: String? = nil,
        size: Int? = nil, offset: Int, bytes: [UInt8], isLast: Bool
    ) {
        self.principal = principal
        self.upload = upload
        self.name = name
        self.mediaType = mediaType
        self.size = size
        self.offset = offset
        self.bytes = bytes
        self.isLast = isLast
    }
}

/// How far an upload has come.
package struct UploadProgress: Sendable {
    package var upload: String
    package var received: Int
    /// Set when the last part is here; then a message can carry it.
    package var attachment: Attachment?

    package init(upload: String, received: Int, attachment: Attachment? = nil) {
        self.upload = upload
        self.received = received
        self.attachment = attachment
    }
}
