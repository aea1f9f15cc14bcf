import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct RelayTests {
    static let (left, right) = (LinkID(1), LinkID(2))

    /// A relay with peers 1 and 2, of whom 2 is bound.
    static func relay() -> RelayCore {
        var relay = RelayCore()
        _ = relay.handle(.linkUp(left, peer: toyPeer(1), isRelayed: false, host: "h"), now: .zero)
        _ = relay.handle(.linkUp(right, peer: toyPeer(2), isRelayed: false, host: "h"), now: .zero)
        let bound = relay.handle(.frame(right, .bind(stream: 1, toyPeer(2))), now: .zero)
        #expect(bound == [.send(right, .ready(stream: 1))])
        return relay
    }

    /// Opens a stream from peer 1; returns its number at the other end.
    static func open(_ relay: inout RelayCore, _ stream: UInt64) -> UInt64? {
        for case .send(right, .open(let number, toyPeer(1))) in relay.handle(
            .frame(left, .open(stream: stream, toyPeer(2))), now: .zero)
        {
            let ready = relay.handle(.frame(right, .ready(stream: number)), now: .zero)
            #expect(ready == [.send(left, .ready(stream: stream))])
            return number
        }
        return nil
    }

    @Test func `bytes pass both ways and are counted`() throws {
        var relay = Self.relay()
        let other = try #require(Self.open(&relay, 7))
        let there = relay.handle(.frame(Self.left, .data(stream: 7, [1, 2])), now: .zero)
        #expect(there == [.send(Self.right, .data(stream: other, [1, 2]))])
        let back = relay.handle(.frame(Self.right, .data(stream: other, [3])), now: .zero)
        #expect(back == [.send(Self.left, .data(stream: 7, [3]))])
        #expect(relay.forwarded == 3)
        let closed = relay.handle(.frame(Self.left, .close(stream: 7, code: "x")), now: .zero)
        #expect(closed == [.send(Self.right, .close(stream: other, code: "x"))])
        #expect(relay.handle(.frame(Self.left, .data(stream: 7, [1])), now: .zero).isEmpty)
    }

    @Test func `strangers, foreign names and too many streams are refused`() {
        var relay = Self.relay()
        let foreign = relay.handle(
            .frame(Self.left, .bind(stream: 1, toyPeer(2))), now: .zero)
        #expect(foreign == [.send(Self.left, .refuse(stream: 1, code: "unknownPeer"))])
        let nobody = relay.handle(
            .frame(Self.left, .open(stream: 2, toyPeer(9))), now: .zero)
        #expect(nobody == [.send(Self.left, .refuse(stream: 2, code: "unknownPeer"))])
        for stream in UInt64(1)...4 { #expect(Self.open(&relay, stream) != nil) }
        #expect(Self.open(&relay, 5) == nil)
        #expect(relay.streamCount == 4)
        _ = relay.handle(
            .linkUp(LinkID(3), peer: toyPeer(3), isRelayed: true, host: "h"), now: .zero)
        let nested = relay.handle(
            .frame(LinkID(3), .open(stream: 1, toyPeer(2))), now: .zero)
        #expect(nested == [.send(LinkID(3), .refuse(stream: 1, code: "relayFull"))])
    }

    @Test func `a stream above its rate, an idle one and one whose end is gone are closed`() throws
    {
        var relay = Self.relay()
        let other = try #require(Self.open(&relay, 1))
        let data = RelayFrame.data(stream: 1, Array(repeating: 0, count: Limits.relayData))
        for _ in 0..<16 { _ = relay.handle(.frame(Self.left, data), now: .zero) }
        let over = relay.handle(.frame(Self.left, data), now: .zero)
        #expect(
            over == [
                .send(Self.left, .close(stream: 1, code: "overQuota")),
                .send(Self.right, .close(stream: other, code: "overQuota")),
            ])
        _ = Self.open(&relay, 2)
        #expect(relay.nextDeadline == Instant.zero + 120_000)
        #expect(relay.handle(.timer, now: .zero + 119_999).isEmpty)
        #expect(relay.handle(.timer, now: .zero + 120_000).count == 2)
        _ = Self.open(&relay, 3)
        #expect(relay.handle(.linkDown(Self.right), now: .zero).count == 1)
        #expect(relay.streamCount == 0 && relay.bindingCount == 0)
    }

    @Test func `frames come back as they went, and others are refused`() throws {
        let frames: [RelayFrame] = [
            .bind(stream: 1, toyPeer(1)), .open(stream: .max, toyPeer(2)), .ready(stream: 0),
            .data(stream: 5, Array(repeating: 1, count: Limits.relayData)),
            .close(stream: 6, code: "x"), .refuse(stream: 7, code: "relayFull"),
        ]
        for frame in frames {
            try CBORScan.check(frame.bytes)
            #expect(try RelayFrame(decoding: frame.bytes) == frame)
            for length in 0..<min(40, frame.bytes.count) {
                #expect(throws: BadFrame.self) {
                    try RelayFrame(decoding: Array(frame.bytes.prefix(length)))
                }
            }
        }
        let large = RelayFrame.data(stream: 1, Array(repeating: 0, count: Limits.relayData + 1))
        #expect(throws: BadFrame.self) { try RelayFrame(decoding: large.bytes) }
        #expect(throws: BadFrame.self) { try RelayFrame(decoding: [0x82, 0x01, 0x00]) }
    }
}

/// Places of a relay that one host would take all of.
@Suite struct RelayShareTests {
    /// A relay all of whose places are bound, `each` for every host.
    private static func full(each: Int) -> RelayCore {
        var relay = RelayCore()
        for number in 0..<Limits.relayBindings {
            bind(&relay, number, host: "h\(number / each)")
        }
        #expect(relay.bindingCount == Limits.relayBindings)
        return relay
    }

    @discardableResult
    private static func bind(
        _ relay: inout RelayCore, _ number: Int, host: String
    ) -> [RelayCore.Effect] {
        let link = LinkID(UInt64(number + 1))
        _ = relay.handle(
            .linkUp(link, peer: toyPeer(number), isRelayed: false, host: host), now: .zero)
        return relay.handle(.frame(link, .bind(stream: 3, toyPeer(number))), now: .zero)
    }

    @Test func `256 identities of one host keep nobody else out of a relay`() {
        var relay = Self.full(each: Limits.relayBindings)
        let honest = Self.bind(&relay, 1_000, host: "other")
        #expect(
            honest == [
                .send(LinkID(1), .refuse(stream: 3, code: "relayFull")),
                .send(LinkID(1_001), .ready(stream: 3)),
            ], "the oldest of the host that has most goes, and is told")
        #expect(relay.bindingCount == Limits.relayBindings)
        // Whoever has most gets no more, however often it asks.
        for number in 2_000..<2_300 {
            let more = Self.bind(&relay, number, host: "h0")
            let link = LinkID(UInt64(number + 1))
            #expect(more == [.send(link, .refuse(stream: 3, code: "relayFull"))])
        }
        // Hosts that come later have the same share, until all have as much.
        for number in 3_000..<3_127 {
            let link = LinkID(UInt64(number + 1))
            let next = Self.bind(&relay, number, host: "other")
            #expect(next.contains(.send(link, .ready(stream: 3))))
        }
        let even = Self.bind(&relay, 4_000, host: "other")
        #expect(even == [.send(LinkID(4_001), .refuse(stream: 3, code: "relayFull"))])
    }

    @Test func `with a place for each host nobody loses his`() {
        var relay = Self.full(each: 1)
        let late = Self.bind(&relay, 1_000, host: "other")
        #expect(late == [.send(LinkID(1_001), .refuse(stream: 3, code: "relayFull"))])
    }

    @Test func `streams of one host keep nobody from a peer, nor from the relay`() throws {
        var relay = RelayCore()
        for number in 0..<40 { Self.bind(&relay, number, host: "h") }
        func ask(_ number: Int, _ stream: UInt64, _ target: Int) -> [RelayCore.Effect] {
            relay.handle(
                .frame(LinkID(UInt64(number + 1)), .open(stream: stream, toyPeer(target))),
                now: .zero)
        }
        // Four streams are all that one peer has; sixteen peers of one host take all of a relay.
        for asker in 0..<16 {
            for stream in UInt64(1)...4 {
                let opened = ask(asker, stream, 20 + asker)
                #expect(opened.count == 1)
            }
        }
        #expect(relay.streamCount == Limits.relayStreams)
        Self.bind(&relay, 100, host: "other")
        let honest = ask(100, 1, 20)
        #expect(honest.contains(.send(LinkID(1), .refuse(stream: 1, code: "relayFull"))))
        let reached = honest.contains {
            if case .send(LinkID(21), .open(_, toyPeer(100))) = $0 { true } else { false }
        }
        #expect(reached)
        #expect(relay.streamCount == Limits.relayStreams)
        let greedy = ask(16, 1, 21)
        #expect(greedy == [.send(LinkID(17), .refuse(stream: 1, code: "relayFull"))])
    }
}
