package import PeerState

/// A frame about chunks of files, decoded.
///
/// - Source: PROTOCOL 9.2, types 24–26.
package enum BlobMessage: Hashable, Sendable {
    /// Asks for a chunk from `offset` on; the credit is always `Limits.creditWindow`.
    case want(Server.ID, id: UInt64, Chunk.ID, offset: UInt64)
    /// `total` bytes has the whole chunk.
    case data(id: UInt64, offset: UInt64, [UInt8], total: UInt64)
    case none(id: UInt64)

    var frameType: SyncFrameType {
        switch self {
        case .want: .blobWant
        case .data: .blobData
        case .none: .blobNone
        }
    }

    package var server: Server.ID? {
        if case .want(let server, _, _, _) = self { server } else { nil }
    }

    package var id: UInt64 {
        switch self {
        case .want(_, let id, _, _), .data(let id, _, _, _), .none(let id): id
        }
    }
}

extension FrameWriter {
    mutating func blob(_ message: BlobMessage) {
        switch message {
        case .want(let server, let id, let chunk, let offset):
            begin(server, 4)
            writer.unsigned(id)
            writer.identifier(chunk)
            writer.unsigned(offset)
            writer.unsigned(UInt64(Limits.creditWindow))
        case .data(let id, let offset, let bytes, let total):
            begin(4)
            writer.unsigned(id)
            writer.unsigned(offset)
            writer.byteString(bytes)
            writer.unsigned(total)
        case .none(let id):
            begin(1)
            writer.unsigned(id)
        }
    }
}

extension SyncMessage {
    static func blobWant(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 4)
        let id = try frame.reader.unsigned(in: 1...UInt64.max, "want id")
        let chunk: Chunk.ID = try frame.reader.identifier("chunk")
        let offset = try frame.reader.unsigned("offset")
        let window = UInt64(Limits.creditWindow)
        _ = try frame.reader.unsigned(in: window...window, "credit")
        return .blob(.want(server, id: id, chunk, offset: offset))
    }

    static func blobData(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        try frame.expect(4)
        let id = try frame.reader.unsigned("want id")
        let offset = try frame.reader.unsigned("offset")
        let bytes = try frame.reader.byteString(max: Limits.blobPiece, "bytes")
        return .blob(
            .data(id: id, offset: offset, bytes, total: try frame.reader.unsigned("total")))
    }

    static func blobNone(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        try frame.expect(1)
        return .blob(.none(id: try frame.reader.unsigned("want id")))
    }
}
