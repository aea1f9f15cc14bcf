package import PeerState

/// A frame between a relay and one of the two ends of a stream.
///
/// - Source: PROTOCOL 9.2, frames 50–55.
package enum RelayFrame: Hashable, Sendable {
    case bind(stream: UInt64, Peer.ID)
    case open(stream: UInt64, Peer.ID)
    case ready(stream: UInt64)
    /// At most `Limits.relayData` bytes, which the relay cannot read.
    case data(stream: UInt64, [UInt8])
    case close(stream: UInt64, code: String)
    case refuse(stream: UInt64, code: String)

    package var type: SyncFrameType {
        switch self {
        case .bind: .relayBind
        case .open: .relayOpen
        case .ready: .relayReady
        case .data: .relayData
        case .close: .relayClose
        case .refuse: .relayRefuse
        }
    }

    package var bytes: [UInt8] {
        var frame = FrameWriter(type: type.rawValue)
        switch self {
        case .bind(let stream, let peer), .open(let stream, let peer):
            frame.begin(2)
            frame.writer.unsigned(stream)
            frame.writer.identifier(peer)
        case .ready(let stream):
            frame.begin(1)
            frame.writer.unsigned(stream)
        case .data(let stream, let bytes):
            frame.begin(2)
            frame.writer.unsigned(stream)
            frame.writer.byteString(bytes)
        case .close(let stream, let code), .refuse(let stream, let code):
            frame.begin(2)
            frame.writer.unsigned(stream)
            frame.writer.text(code)
        }
        return frame.bytes
    }

    /// - Parameter frame: bytes that `CBORScan` found canonical.
    /// - Errors: `BadFrame` for anything but frames 50–55 as they are listed.
    package init(decoding frame: [UInt8]) throws(BadFrame) {
        var reader = FrameReader(frame)
        do throws(Failure<WireCode>) {
            try reader.readType()
            self = try Self.read(SyncFrameType(rawValue: reader.type), &reader)
        } catch {
            throw BadFrame(type: reader.type, server: nil, reason: error)
        }
    }

    private static func read(
        _ type: SyncFrameType?, _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> RelayFrame {
        try frame.expect(type == .relayReady ? 1 : 2)
        let stream = try frame.reader.unsigned("stream")
        switch type {
        case .relayBind: return .bind(stream: stream, try frame.reader.identifier("identity"))
        case .relayOpen: return .open(stream: stream, try frame.reader.identifier("identity"))
        case .relayReady: return .ready(stream: stream)
        case .relayData:
            return .data(
                stream: stream, try frame.reader.byteString(max: Limits.relayData, "data"))
        case .relayClose:
            return .close(
                stream: stream, code: try frame.reader.text(max: Limits.maxCode, "code"))
        case .relayRefuse:
            return .refuse(
                stream: stream, code: try frame.reader.text(max: Limits.maxCode, "code"))
        default: throw Failure(.badField, "frame type")
        }
    }
}
