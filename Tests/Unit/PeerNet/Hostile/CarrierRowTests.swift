import PeerNet
import PeerState
import PeerTesting
import Testing

/// HOSTILE "Sync and gossip": chunks, relays and beacons.
@Suite struct CarrierRowTests {
    // Chunks

    private static let server = toyServer(1)
    private static let size = 262_144
    private static let now = Instant(nanoseconds: 1_000_000_000)
    private static let link = LinkID(1)

    private static func handle(
        _ core: inout BlobCore, _ input: BlobCore.Input
    ) -> [BlobCore.Effect] {
        core.handle(input, members: { _ in [link] }, now: now)
    }

    enum Wrong: CaseIterable { case total, offset, sparse, empty, tooLong, overCredit, hash }

    /// What a holder sends instead of the chunk; a message per piece.
    private static func pieces(_ wrong: Wrong, id: UInt64) -> [BlobMessage] {
        let piece = [UInt8](repeating: 1, count: Limits.blobPiece)
        let total = UInt64(size)
        func all(_ total: UInt64, count: Int, step: Int = Limits.blobPiece) -> [BlobMessage] {
            (0..<count).map { .data(id: id, offset: UInt64($0 * step), piece, total: total) }
        }
        switch wrong {
        case .total: return all(.max, count: 2)
        case .offset: return [.data(id: id, offset: .max - 5, piece, total: total)]
        case .sparse: return all(total, count: 4, step: 2 * Limits.blobPiece)
        case .empty: return (0..<9).map { _ in .data(id: id, offset: 0, [], total: total) }
        case .tooLong: return all(total, count: 12)
        case .overCredit: return all(total, count: 200)
        case .hash: return all(total, count: size / Limits.blobPiece)
        }
    }

    @Test(arguments: Wrong.allCases)
    func `H-083 a chunk of wrong bytes, without end, sparse, of 2⁶⁴ − 1 bytes`(
        wrong: Wrong
    ) throws {
        var core = BlobCore()
        let chunk = Chunk.id(of: [1])
        _ = Self.handle(&core, .linkUp(Self.link, toyPeer(2)))
        let asked = Self.handle(
            &core, .fetch(BlobRequest(server: Self.server, chunk: chunk, size: Self.size)))
        var want: UInt64?
        for case .send(_, .blob(.want(_, let id, _, _))) in asked { want = id }
        var (effects, kept): ([BlobCore.Effect], Int) = ([], 0)
        for piece in Self.pieces(wrong, id: try #require(want)) {
            let next = Self.handle(&core, .message(Self.link, piece))
            for case .keep(_, let bytes) in next {
                #expect(bytes.count <= Self.size, "never more than the chunk")
                kept += 1
                effects += Self.handle(&core, .kept(chunk, .wrong))
            }
            effects += next
        }
        let isSeen = effects.contains {
            switch $0 {
            case .lied, .overCredit: true
            default: false
            }
        }
        #expect(isSeen, "it counts against the holder")
        #expect(!effects.contains(.fetched(chunk)), "nothing is visible")
        #expect(kept <= 1)
        #expect(effects.contains(.unavailable(chunk)) || !core.isIdle)
    }

    // Relays

    @Test func `H-085 a relay asked to carry to 10,000 targets`() throws {
        var relay = RelayCore()
        var refusals: [String: Int] = [:]
        func note(_ effects: [RelayCore.Effect]) {
            for case .send(_, .refuse(_, let code)) in effects { refusals[code, default: 0] += 1 }
        }
        // 300 targets bind, as many as there are places.
        for number in 1...300 {
            let link = LinkID(UInt64(number))
            _ = relay.handle(
                .linkUp(link, peer: toyPeer(number), isRelayed: false, host: "h"), now: .zero)
            note(relay.handle(.frame(link, .bind(stream: 1, toyPeer(number))), now: .zero))
        }
        #expect(relay.bindingCount == Limits.relayBindings)
        #expect(refusals == ["relayFull": 300 - Limits.relayBindings])
        refusals = [:]
        let asker = LinkID(1_000)
        _ = relay.handle(
            .linkUp(asker, peer: toyPeer(1_000), isRelayed: false, host: "h"), now: .zero)
        for number in UInt64(1)...10_000 {
            let target = toyPeer(1 + Int(number) % Limits.relayBindings)
            note(relay.handle(.frame(asker, .open(stream: number, target)), now: .zero))
        }
        #expect(relay.streamCount == Limits.relayStreamsPerPeer)
        #expect(refusals == ["relayFull": 10_000 - Limits.relayStreamsPerPeer])
        refusals = [:]
        for number in 2_000..<2_100 {
            let link = LinkID(UInt64(number))
            _ = relay.handle(
                .linkUp(link, peer: toyPeer(number), isRelayed: false, host: "h"), now: .zero)
            for stream in UInt64(1)...5 {
                let target = toyPeer(100 + (number * 5 + Int(stream)) % 150)
                note(relay.handle(.frame(link, .open(stream: stream, target)), now: .zero))
            }
        }
        #expect(relay.streamCount == Limits.relayStreams)
        #expect(refusals == ["relayFull": 500 - Limits.relayStreams + Limits.relayStreamsPerPeer])
        #expect(relay.forwarded == 0)
        // All of it ends when nothing goes through.
        _ = relay.handle(.timer, now: .zero + Limits.relayIdle)
        #expect(relay.streamCount == 0)
    }

    @Test func `H-085 a relayed link gets no link through it, and is no target`() {
        var relay = RelayTests.relay()
        _ = relay.handle(
            .linkUp(LinkID(3), peer: toyPeer(3), isRelayed: true, host: "h"), now: .zero)
        let opened = relay.handle(.frame(LinkID(3), .open(stream: 1, toyPeer(2))), now: .zero)
        #expect(opened == [.send(LinkID(3), .refuse(stream: 1, code: "relayFull"))])
        let bound = relay.handle(.frame(LinkID(3), .bind(stream: 2, toyPeer(3))), now: .zero)
        #expect(bound == [.send(LinkID(3), .refuse(stream: 2, code: "relayFull"))])
        #expect(relay.streamCount == 0 && relay.bindingCount == 1)
    }

    // Beacons

    @Test func `H-086 forged beacons are dialled eight times a minute, and the table ends`() {
        var node = LANDiscoveryTests.node(6)
        let minutes = UInt64(Limits.beaconInstances / Limits.beaconDials + 2)
        var instance: UInt64 = 1 << 40
        var dialled: [Instant] = []
        func beacon(_ instance: UInt64, _ now: Moment) -> [UInt8] {
            let tag = LANBeacon.tag(network: "main", wallMilliseconds: now.wallMilliseconds)
            return LANBeacon(tag: tag, port: 9, instance: instance).bytes
        }
        for minute in 0..<minutes {
            let now = LANDiscoveryTests.moment(minute * 60_000)
            var dials = 0
            // Many more than leave anything behind, each of another instance.
            for _ in 0..<(minute == 0 ? 20_000 : 200) {
                instance += 1
                dials +=
                    node.handle(.packet(beacon(instance, now), host: "10.0.0.9"), now: now)
                    .count
            }
            #expect(dials == Limits.beaconDials)
            dialled += [Instant](repeating: now.monotonic, count: dials)
        }
        #expect(dialled.count > Limits.beaconInstances)
        // The first instance was forgotten for later ones; the last one was not.
        let later = LANDiscoveryTests.moment(minutes * 60_000)
        let first = beacon(1 << 40 + 1, later)
        #expect(node.handle(.packet(first, host: "10.0.0.9"), now: later).count == 1)
        #expect(node.handle(.packet(first, host: "10.0.0.9"), now: later).isEmpty)
    }
}
