import PeerNet
import PeerNode
import PeerState
import Testing

/// Who is there, who writes and who speaks: entries, their ends, their bounds.
@Suite struct LiveBoardTests {
    static func peer(_ number: UInt8) -> Peer.ID {
        SigningKey(seed: [UInt8](repeating: number, count: 32)).publicKey
    }

    static let server = Server.ID(Sodium.hash("server", []))
    static let room = Channel.ID(Sodium.hash("room", []))
    static let me = peer(1)
    static let ann = peer(2)

    static func at(_ milliseconds: UInt64) -> Instant { Instant.zero + Milliseconds(milliseconds) }

    static func heard(
        _ payload: LivePayload, by author: Peer.ID = ann, until: UInt64 = 10_000
    ) -> Heard {
        Heard(payload, by: author, in: server, until: at(until), atMilliseconds: 5)
    }

    static func state(
        joined: Bool = true, muted: Bool = false, deafened: Bool = false
    ) -> LivePayload {
        .voice(
            VoiceState(channel: room, isJoined: joined, isMuted: muted, isDeafened: deafened))
    }

    static func signal(_ kind: VoiceSignal.Kind, _ text: String) -> LivePayload {
        .signal(VoiceSignal(channel: room, to: me, kind: kind, text: text))
    }

    static func whats(_ events: [LiveEvent]) -> [LiveEvent.What] { events.map(\.what) }

    @Test func `typing is told once, renewed in silence, and ends`() throws {
        var board = LiveBoard(me: Self.me)
        let typing = LivePayload.typing(Self.room, isOn: true)
        #expect(
            try Self.whats(board.hear(Self.heard(typing, until: 6_000), room: nil)) == [
                .typingStarted
            ])
        #expect(try board.hear(Self.heard(typing, until: 9_000), room: nil).isEmpty)
        #expect(board.expire(Self.at(6_000)).isEmpty, "it was renewed")
        #expect(board.nextEnd == Self.at(9_000))
        #expect(Self.whats(board.expire(Self.at(9_000))) == [.typingStopped])
        #expect(board.nextEnd == nil)
        _ = try board.hear(Self.heard(typing), room: nil)
        #expect(
            Self.whats(board.posted(by: Self.ann, in: Self.room, of: Self.server)) == [
                .typingStopped
            ])
        #expect(board.posted(by: Self.ann, in: Self.room, of: Self.server).isEmpty)
        _ = try board.hear(Self.heard(typing), room: nil)
        let off = LivePayload.typing(Self.room, isOn: false)
        #expect(try Self.whats(board.hear(Self.heard(off), room: nil)) == [.typingStopped])
    }

    @Test func `presence is told when it changes, and ends as offline`() throws {
        var board = LiveBoard(me: Self.me)
        let online = LivePayload.presence(.online, text: nil)
        #expect(try board.hear(Self.heard(online), room: nil).count == 1)
        #expect(try board.hear(Self.heard(online, until: 20_000), room: nil).isEmpty)
        let away = LivePayload.presence(.away, text: "lunch")
        #expect(
            try Self.whats(board.hear(Self.heard(away, until: 20_000), room: nil))
                == [.presence(.away, text: "lunch")])
        #expect(Self.whats(board.expire(Self.at(20_000))) == [.presence(.offline, text: nil)])
        let offline = LivePayload.presence(.offline, text: nil)
        #expect(try board.hear(Self.heard(offline), room: nil).isEmpty, "offline already")
    }

    @Test func `controls in what is said are stripped where it is shown`() throws {
        var board = LiveBoard(me: Self.me)
        let text = "out\u{1b}[2J\nfor \u{9b}tea\u{7f}"
        #expect(
            try Self.whats(board.hear(Self.heard(.presence(.away, text: text)), room: nil))
                == [.presence(.away, text: "out[2Jfor tea")])
        let stream = [UInt8](repeating: 1, count: 16)
        let delta = StreamDelta(channel: Self.room, stream: stream, index: 0, text: text)
        #expect(
            try Self.whats(board.hear(Self.heard(.delta(delta)), room: nil))
                == [.partial(stream: stream, index: 0, text: "out[2J\nfor tea", message: nil)])
        _ = try board.hear(Self.heard(Self.state()), room: Self.room)
        #expect(
            try Self.whats(board.hear(Self.heard(Self.signal(.offer, text)), room: Self.room))
                == [.signal(.offer, text: "out[2J\nfor tea")])
    }

    @Test func `who deafens is muted, and who leaves is gone`() throws {
        var board = LiveBoard(me: Self.me)
        #expect(try Self.whats(board.hear(Self.heard(Self.state()), room: nil)) == [.voiceJoined])
        #expect(
            try Self.whats(board.hear(Self.heard(Self.state(deafened: true)), room: nil))
                == [.voiceChanged(isMuted: true, isDeafened: true)])
        #expect(
            try Self.whats(board.hear(Self.heard(Self.state(joined: false)), room: nil))
                == [.voiceLeft])
    }

    @Test func `S-204 the participant after the sixty-fourth is refused`() throws {
        var board = LiveBoard(me: Self.me)
        for number in 2...65 as ClosedRange<UInt8> {
            _ = try board.hear(Self.heard(Self.state(), by: Self.peer(number)), room: nil)
        }
        #expect(throws: EphemeralDrop.voiceFull) {
            try board.hear(Self.heard(Self.state(), by: Self.peer(66)), room: nil)
        }
        #expect(try board.hear(Self.heard(Self.state(), by: Self.peer(2)), room: nil).isEmpty)
        _ = board.expire(Self.at(10_000))
        var second = LiveBoard(me: Self.me)
        for number in 2...64 as ClosedRange<UInt8> {
            _ = try second.hear(Self.heard(Self.state(), by: Self.peer(number)), room: Self.room)
        }
        #expect(throws: EphemeralDrop.voiceFull, "this node has a place too") {
            try second.hear(Self.heard(Self.state(), by: Self.peer(65)), room: Self.room)
        }
    }

    @Test func `signals are for those in the room`() throws {
        var board = LiveBoard(me: Self.me)
        #expect(throws: EphemeralDrop.notInVoice) {
            try board.hear(Self.heard(Self.signal(.offer, "x")), room: nil)
        }
        let other = VoiceSignal(channel: Self.room, to: Self.peer(9), kind: .offer, text: "x")
        #expect(try board.hear(Self.heard(.signal(other)), room: Self.room).isEmpty)
        // Not seen in the room yet: it waits, and is counted when it waited in vain.
        #expect(try board.hear(Self.heard(Self.signal(.offer, "x")), room: Self.room).isEmpty)
        _ = board.expire(Self.at(10_000))
        #expect(board.takeUnheard() == 1)
        #expect(board.takeUnheard() == 0)
    }

    @Test func `S-203 candidates wait for the offer, in order and bounded`() throws {
        var board = LiveBoard(me: Self.me)
        _ = try board.hear(Self.heard(Self.state()), room: Self.room)
        for number in 0..<Limits.signalsWaiting {
            let early = Self.heard(Self.signal(.candidate, "\(number)"))
            #expect(try board.hear(early, room: Self.room).isEmpty)
        }
        #expect(throws: EphemeralDrop.signalsWaiting) {
            try board.hear(Self.heard(Self.signal(.candidate, "more")), room: Self.room)
        }
        _ = board.expire(Self.at(10_000))
        _ = try board.hear(Self.heard(Self.state(), until: 40_000), room: Self.room)
        for text in ["a", "b"] {
            _ = try board.hear(
                Self.heard(Self.signal(.candidate, text), until: 40_000), room: Self.room)
        }
        let offer = Self.heard(Self.signal(.offer, "sdp"), until: 40_000)
        #expect(
            try Self.whats(board.hear(offer, room: Self.room)) == [
                .signal(.offer, text: "sdp"), .signal(.candidate, text: "a"),
                .signal(.candidate, text: "b"),
            ])
        let late = Self.heard(Self.signal(.candidate, "c"), until: 40_000)
        #expect(
            try Self.whats(board.hear(late, room: Self.room)) == [.signal(.candidate, text: "c")])
    }

    @Test func `pieces of a text come in order and end with its message`() throws {
        var board = LiveBoard(me: Self.me)
        func piece(_ index: UInt64, _ message: Event.ID? = nil) -> Heard {
            Self.heard(
                .delta(
                    StreamDelta(
                        channel: Self.room, stream: [UInt8](repeating: 1, count: 16), index: index,
                        text: "t\(index)", message: message)))
        }
        #expect(try board.hear(piece(0), room: nil).count == 1)
        #expect(try board.hear(piece(2), room: nil).count == 1, "one may be lost")
        #expect(throws: EphemeralDrop.outOfOrder) { try board.hear(piece(1), room: nil) }
        let message = Event.ID(Sodium.hash("m", []))
        #expect(try board.hear(piece(3, message), room: nil).count == 1)
        #expect(throws: EphemeralDrop.outOfOrder) { try board.hear(piece(3), room: nil) }
    }

    @Test func `who may not read a channel vanishes from it`() throws {
        var board = LiveBoard(me: Self.me)
        _ = try board.hear(Self.heard(Self.state()), room: Self.room)
        _ = try board.hear(Self.heard(.typing(Self.room, isOn: true)), room: nil)
        _ = try board.hear(Self.heard(.presence(.online, text: nil)), room: nil)
        let kept = board.prune(Self.server, isMember: { _ in true }, isReader: { _, _ in true })
        #expect(kept.isEmpty)
        let closed = board.prune(Self.server, isMember: { _ in true }, isReader: { _, _ in false })
        #expect(Self.whats(closed) == [.typingStopped, .voiceLeft])
        let kicked = board.prune(Self.server, isMember: { _ in false }, isReader: { _, _ in false })
        #expect(Self.whats(kicked) == [.presence(.offline, text: nil)])
    }
}
