import PeerState
import Testing

/// What ephemeral messages say, as PROTOCOL 11 lists it.
@Suite struct LivePayloadTests {
    static let channel = Channel.ID(Sodium.hash("channel", []))
    static let peer = SigningKey(seed: [UInt8](repeating: 2, count: 32)).publicKey
    static let sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"

    static let samples: [(topic: UInt64, payload: LivePayload)] = [
        (1, .typing(channel, isOn: true)), (1, .typing(channel, isOn: false)),
        (2, .presence(.offline, text: nil)),
        (2, .presence(.busy, text: String(repeating: "é", count: 40))),
        (
            3,
            .voice(VoiceState(channel: channel, isJoined: true, isMuted: false, isDeafened: true))
        ),
        (
            4,
            .signal(
                VoiceSignal(
                    channel: channel, to: peer, kind: .offer,
                    text: sdp + String(repeating: "a", count: Limits.maxSignal - sdp.utf8.count)))
        ),
        (4, .signal(VoiceSignal(channel: channel, to: peer, kind: .end, text: ""))),
        (
            5,
            .delta(
                StreamDelta(
                    channel: channel, stream: [UInt8](repeating: 1, count: 16), index: .max,
                    text: String(repeating: "x", count: Limits.maxDelta),
                    message: Event.ID(Sodium.hash("m", []))))
        ),
    ]

    @Test func `each reads back, in one encoding`() throws {
        for (topic, payload) in Self.samples {
            try CBORScan.check(payload.encoded)
            #expect(try LivePayload(decoding: payload.encoded, topic: topic) == payload)
            for other in UInt64(1)...7 where other != topic {
                // Another topic reads it as something else or not at all, never as this.
                let read = try? LivePayload(decoding: payload.encoded, topic: other)
                #expect(read != payload)
            }
        }
    }

    @Test func `the largest description fits into a frame`() {
        let sizes = Self.samples.map { $0.payload.encoded.count + Cipher.tagByteCount }
        #expect(sizes.max() ?? 0 <= 20_480)
    }

    @Test func `truncated, longer and changed payloads are read or refused`() {
        for (topic, payload) in Self.samples {
            let bytes = payload.encoded
            for length in 0..<min(bytes.count, 200) {
                #expect(throws: Failure<WireCode>.self) {
                    try LivePayload(decoding: Array(bytes.prefix(length)), topic: topic)
                }
            }
            #expect(throws: Failure<WireCode>.self) {
                try LivePayload(decoding: bytes + [0], topic: topic)
            }
        }
    }

    @Test func `no text is refused for its content`() throws {
        let text = "a\u{1b}[2J\nb\u{9b}\u{0}c"
        let sealed: [(UInt64, LivePayload)] = [
            (2, .presence(.online, text: text)),
            (
                4,
                .signal(
                    VoiceSignal(channel: Self.channel, to: Self.peer, kind: .offer, text: text))
            ),
            (
                5,
                .delta(
                    StreamDelta(
                        channel: Self.channel, stream: [UInt8](repeating: 1, count: 16), index: 0,
                        text: text))
            ),
        ]
        for (topic, payload) in sealed {
            #expect(try LivePayload(decoding: payload.encoded, topic: topic) == payload)
        }
        #expect(TextRule.plain.stripped(text) == "a[2Jbc")
        #expect(TextRule.multiline.stripped(text) == "a[2J\nbc")
        #expect(TextRule.name.stripped("a\u{202e}b") == "ab")
        #expect(TextRule.plain.stripped("as it is") == "as it is")
    }

    @Test func `texts above their cap are refused`() {
        let refused: [(UInt64, LivePayload)] = [
            (2, .presence(.online, text: String(repeating: "x", count: 81))),
            (
                4,
                .signal(
                    VoiceSignal(
                        channel: Self.channel, to: Self.peer, kind: .offer,
                        text: String(repeating: "x", count: Limits.maxSignal + 1)))
            ),
            (
                5,
                .delta(
                    StreamDelta(
                        channel: Self.channel, stream: [UInt8](repeating: 1, count: 15), index: 0,
                        text: ""))
            ),
        ]
        for (topic, payload) in refused {
            #expect(throws: Failure<WireCode>.self) {
                try LivePayload(decoding: payload.encoded, topic: topic)
            }
        }
    }
}
