/// What an ephemeral message says, decrypted.
///
/// - Source: PROTOCOL 11, whose order of elements this is. Elements beyond those are ignored.
package enum LivePayload: Hashable, Sendable {
    case typing(Channel.ID, isOn: Bool)
    case presence(PresenceState, text: String?)
    case voice(VoiceState)
    case signal(VoiceSignal)
    case delta(StreamDelta)

    /// The channel it names; `nil` for presence, which is of the whole server.
    package var channel: Channel.ID? {
        switch self {
        case .typing(let channel, _): channel
        case .presence: nil
        case .voice(let state): state.channel
        case .signal(let signal): signal.channel
        case .delta(let delta): delta.channel
        }
    }

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        switch self {
        case .typing(let channel, let isOn):
            writer.array(2)
            writer.identifier(channel)
            writer.bool(isOn)
        case .presence(let state, let text):
            writer.array(2)
            writer.unsigned(state.rawValue)
            writer.optional(text) { $0.text($1) }
        case .voice(let state):
            writer.array(4)
            writer.identifier(state.channel)
            writer.bool(state.isJoined)
            writer.bool(state.isMuted)
            writer.bool(state.isDeafened)
        case .signal(let signal): Self.write(signal, &writer)
        case .delta(let delta): Self.write(delta, &writer)
        }
        return writer.bytes
    }

    private static func write(_ signal: VoiceSignal, _ writer: inout CBORWriter) {
        writer.array(4)
        writer.identifier(signal.channel)
        writer.identifier(signal.to)
        writer.unsigned(signal.kind.rawValue)
        writer.text(signal.text)
    }

    private static func write(_ delta: StreamDelta, _ writer: inout CBORWriter) {
        writer.array(5)
        writer.identifier(delta.channel)
        writer.byteString(delta.stream)
        writer.unsigned(delta.index)
        writer.text(delta.text)
        writer.optional(delta.message) { $0.identifier($1) }
    }
}

// Reading
extension LivePayload {
    /// - Parameter topic: 1 to 5; of no other topic is a payload read here.
    /// No text is refused for its content (PROTOCOL 2); who shows it strips it.
    /// - Errors: codes of CBOR; `badField` for what is missing, of another type or over its cap.
    package init(decoding bytes: [UInt8], topic: UInt64) throws(Failure<WireCode>) {
        try CBORScan.check(bytes)
        var reader = CBORReader(bytes)
        switch topic {
        case 1:
            try Self.expect(2, &reader)
            self = .typing(try reader.identifier("channel"), isOn: try reader.bool("on"))
        case 2:
            try Self.expect(2, &reader)
            self = try Self.presence(&reader)
        case 3:
            try Self.expect(4, &reader)
            self = .voice(
                VoiceState(
                    channel: try reader.identifier("channel"),
                    isJoined: try reader.bool("joined"), isMuted: try reader.bool("muted"),
                    isDeafened: try reader.bool("deafened")))
        case 4:
            try Self.expect(4, &reader)
            self = try Self.signal(&reader)
        case 5:
            try Self.expect(5, &reader)
            self = try Self.delta(&reader)
        default: throw Failure(.badField, "topic \(topic)")
        }
    }

    private static func expect(
        _ count: Int, _ reader: inout CBORReader
    ) throws(Failure<WireCode>) {
        guard try reader.array("payload") >= count else { throw reader.wrong("missing element") }
    }

    private static func presence(
        _ reader: inout CBORReader
    ) throws(Failure<WireCode>) -> LivePayload {
        let number = try reader.unsigned("presence")
        guard let state = PresenceState(rawValue: number) else { throw reader.wrong("presence") }
        guard try !reader.isNull() else { return .presence(state, text: nil) }
        return .presence(
            state, text: try reader.text(max: Limits.maxPresenceText, "presence text"))
    }

    private static func signal(
        _ reader: inout CBORReader
    ) throws(Failure<WireCode>) -> LivePayload {
        let channel: Channel.ID = try reader.identifier("channel")
        let to: Peer.ID = try reader.identifier("to")
        guard let kind = VoiceSignal.Kind(rawValue: try reader.unsigned("signal kind")) else {
            throw reader.wrong("signal kind")
        }
        let text = try reader.text(max: Limits.maxSignal, "signal")
        return .signal(VoiceSignal(channel: channel, to: to, kind: kind, text: text))
    }

    private static func delta(
        _ reader: inout CBORReader
    ) throws(Failure<WireCode>) -> LivePayload {
        let channel: Channel.ID = try reader.identifier("channel")
        let stream = try reader.byteString(exactly: StreamDelta.streamByteCount, "stream")
        let index = try reader.unsigned("index")
        let text = try reader.text(max: Limits.maxDelta, "partial text")
        let message: Event.ID? = try reader.optionalIdentifier("message")
        return .delta(
            StreamDelta(
                channel: channel, stream: stream, index: index, text: text, message: message))
    }
}

extension Limits {
    // Ephemeral messages (PROTOCOL 11)
    package static let maxPresenceText = 80
    package static let maxSignal = 16_384
    package static let maxDelta = 1_024
}
