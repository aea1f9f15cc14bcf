import PeerNet
import PeerState
import PeerTesting
import Testing

/// Ends and relay together, as values.
@Suite struct RelayClientTests {
    private static let first: UInt64 = 1 << 62

    /// Two ends (peers 1 and 2) at one relay; frames are carried at once.
    private struct Bench {
        var relay = RelayCore()
        var ends: [RelayClient] = [1, 2].map {
            RelayClient(
                identity: toyPeer($0), firstLink: RelayClientTests.first,
                random: SeededRandom(seed: UInt64($0)))
        }
        var now = Instant.zero
        /// What each end was told, other than frames.
        var told: [[RelayClient.Effect]] = [[], []]
        /// Bytes in frames of data that passed the relay.
        var passed = 0

        init() {
            for end in ends.indices {
                _ = relay.handle(
                    .linkUp(
                        LinkID(UInt64(end)), peer: toyPeer(end + 1), isRelayed: false, host: "h"),
                    now: now)
            }
            for end in ends.indices { feed(.relayUp(LinkID(9), toyPeer(9)), end) }
        }

        mutating func feed(_ input: RelayClient.Input, _ end: Int) {
            for effect in ends[end].handle(input, now: now) {
                guard case .send(_, let frame) = effect else {
                    told[end].append(effect)
                    continue
                }
                if case .data(_, let bytes) = frame { passed += bytes.count }
                for answer in relay.handle(.frame(LinkID(UInt64(end)), frame), now: now) {
                    guard case .send(let link, let frame) = answer else { continue }
                    feed(.frame(LinkID(9), frame), Int(link.number))
                }
            }
        }

        mutating func wait(_ duration: Milliseconds) {
            now = now + duration
            for answer in relay.handle(.timer, now: now) {
                guard case .send(let link, let frame) = answer else { continue }
                feed(.frame(LinkID(9), frame), Int(link.number))
            }
            for end in ends.indices { feed(.timer, end) }
        }

        /// The relayed link of each end, once both want each other.
        mutating func meet() -> [LinkID] {
            feed(.wanted([toyPeer(2)]), 0)
            feed(.wanted([toyPeer(1)]), 1)
            wait(Limits.relayPatienceSecond)
            return told.compactMap { effects in
                effects.compactMap { effect -> LinkID? in
                    guard case .opened(let link, _) = effect else { return nil }
                    return link
                }.first
            }
        }
    }

    @Test func `a binding that a full relay took back is asked for again`() {
        var bench = Bench()
        #expect(bench.ends[0].boundRelays == [toyPeer(9)])
        bench.feed(.frame(LinkID(9), .refuse(stream: 0, code: "relayFull")), 0)
        #expect(bench.ends[0].boundRelays.isEmpty)
        bench.wait(Milliseconds(2 * Limits.relayRetryShortest.count))
        #expect(bench.ends[0].boundRelays == [toyPeer(9)])
    }

    @Test func `two ends that want each other get one link, and bytes pass both ways`() throws {
        var bench = Bench()
        #expect(bench.ends.allSatisfy { $0.boundRelays == [toyPeer(9)] })
        let links = bench.meet()
        try #require(links.count == 2)
        #expect(bench.relay.streamCount == 1)
        bench.feed(.write(links[0], [1, 2, 3]), 0)
        bench.feed(.write(links[1], [4]), 1)
        #expect(bench.told[1].contains(.bytes(links[1], [1, 2, 3])))
        #expect(bench.told[0].contains(.bytes(links[0], [4])))
        bench.feed(.close(links[0]), 0)
        #expect(bench.told[1].last == .closed(links[1]))
        #expect(bench.relay.streamCount == 0)
    }

    @Test func `much is sent no faster than a relay bears, and all of it arrives`() throws {
        var bench = Bench()
        let links = bench.meet()
        try #require(links.count == 2)
        let size = 3 << 20
        bench.feed(.write(links[0], Array(repeating: 7, count: size)), 0)
        bench.feed(.write(links[1], Array(repeating: 8, count: size)), 1)
        #expect(bench.passed < Int(Limits.relayRate))
        #expect(bench.ends[0].queuedBytes > 0)
        for _ in 0..<200 { bench.wait(Milliseconds(100)) }
        #expect(bench.ends.allSatisfy { $0.queuedBytes == 0 })
        #expect(bench.passed == 2 * size)
        #expect(bench.relay.streamCount == 1, "the relay never closed it for its rate")
    }

    @Test func `who writes without end loses the stream, and memory stays bounded`() throws {
        var bench = Bench()
        let links = bench.meet()
        try #require(links.count == 2)
        for _ in 0..<8 {
            bench.feed(.write(links[0], Array(repeating: 7, count: 1 << 20)), 0)
        }
        #expect(bench.told[0].last == .closed(links[0]))
        #expect(bench.ends[0].queuedBytes == 0)
    }

    @Test func `a peer that is not there is asked for later and later`() {
        var bench = Bench()
        bench.feed(.wanted([toyPeer(3)]), 0)
        var asked = 0
        for _ in 0..<600 {
            let before = bench.relay.refused
            bench.wait(Milliseconds(1_000))
            asked += Int(bench.relay.refused - before)
        }
        // 1 s doubling to 60 s, each up to half longer.
        #expect((10...17).contains(asked), "\(asked)")
        #expect(bench.ends[0].streamCount == 0)
    }

    @Test func `who is no relay refuses, and forwards nothing`() {
        var end = RelayClient(
            identity: toyPeer(1), firstLink: Self.first, random: SeededRandom(seed: 1))
        let answer = end.handle(.frame(LinkID(4), .open(stream: 1, toyPeer(2))), now: .zero)
        #expect(answer == [.send(LinkID(4), .refuse(stream: 1, code: "unknownPeer"))])
        #expect(end.handle(.frame(LinkID(4), .data(stream: 1, [1])), now: .zero).isEmpty)
        // A relay in use may open no more streams than are carried.
        _ = end.handle(.relayUp(LinkID(5), toyPeer(9)), now: .zero)
        for number in 1...8 {
            let stream = Limits.firstRelayedStream + UInt64(number)
            let effects = end.handle(
                .frame(LinkID(5), .open(stream: stream, toyPeer(20 + number))), now: .zero)
            let isRefused = effects.contains(
                .send(LinkID(5), .refuse(stream: stream, code: "relayFull")))
            #expect(isRefused == (number > Limits.relayStreamsPerPeer))
        }
    }
}
