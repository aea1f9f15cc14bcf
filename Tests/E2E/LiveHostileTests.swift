import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// A member who floods, forges, replays and lies with messages that nobody stores: each is refused
/// under its name, costs its bound, and leaves honest members to themselves.
@Suite struct LiveHostileTests {
    /// Nodes 0 and 1 are honest; the place of node 2 is taken.
    private final class Bench {
        let mesh: Mesh
        let server: Server.ID
        let general: Channel.ID
        let room: Channel.ID
        let impostor: Impostor
        private var counter: UInt64 = 1 << 50

        init(seed: UInt64) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: 3)
            (server, general) = try mesh.gather()
            var plan = ChannelPlan(name: "bridge")
            plan.isVoice = true
            let made = try mesh.act(0, .channel(.create(plan), in: server))
            room = try #require(made.channel)
            mesh.run(for: .seconds(15))
            _ = try mesh.act(0, .live(.joinVoice(room, in: server)))
            mesh.run(for: .seconds(2))
            impostor = try mesh.replace(2, dialling: 0)
            mesh.run(for: .seconds(3))
            try #require(impostor.isOpen)
            for node in 0..<2 { _ = mesh.takeLive(node) }
        }

        func frame(
            _ payload: LivePayload, _ topic: EphemeralTopic, in channel: Channel.ID? = nil
        ) throws -> EphemeralFrame {
            let slot = try #require(mesh.core(2).servers[server])
            let epoch = try #require(slot.state.sendingEpoch(of: channel ?? general))
            let key = try #require(slot.keys.key(epoch.id))
            counter += 1
            let nonce = [UInt8](repeating: UInt8(truncatingIfNeeded: counter), count: 24)
            let place = EphemeralPlace(
                server: server, epoch: epoch.id, author: impostor.key.publicKey,
                counter: counter, topic: topic.rawValue)
            return EphemeralFrame(
                server: server, topic: topic, counter: counter,
                sentMilliseconds: mesh.wallMilliseconds(2),
                sealing: .init(epoch: epoch.id, nonce: nonce),
                payload: place.seal(payload.encoded, channelKey: key, nonce: nonce),
                by: impostor.key)
        }

        func send(_ frame: EphemeralFrame) {
            mesh.send(SyncMessage.ephemeral(frame).bytes, as: 2)
        }

        func dropped(_ drop: EphemeralDrop, at node: Int = 0) -> UInt64 {
            mesh.core(node).liveCounters["ephemeral_dropped_\(drop.rawValue)"] ?? 0
        }

        func counter(_ name: String, at node: Int = 0) -> UInt64 {
            mesh.core(node).liveCounters["ephemeral_\(name)"] ?? 0
        }

        /// Honest members still see each other, and state is what it was.
        func expectPeace() throws {
            let typed = try mesh.act(1, .live(.typing(general, in: server)))
            #expect(typed.kind == .applied)
            mesh.run(for: .seconds(1))
            let shown = mesh.core(0).typing(in: general).map(\.peer)
            #expect(shown.contains(mesh.peerID(1)))
            _ = try mesh.post(1, server, general, "all well")
            mesh.run(for: .seconds(2))
            #expect(try mesh.texts(0, server, general).last == "all well")
            #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        }
    }

    @Test func `a flood is cut to the author's rate and the link's budget`() throws {
        let bench = try Bench(seed: 71)
        let before = bench.counter("taken")
        let sentOn = bench.counter("forwarded")
        for _ in 0..<5_000 {
            bench.send(try bench.frame(.presence(.busy, text: "me"), .presence))
        }
        bench.mesh.run(for: .seconds(2))
        let refused = bench.dropped(.linkRate) + bench.dropped(.authorRate)
        // Node 1 may have said a word of its own meanwhile.
        #expect(refused >= 4_990 && refused <= 4_999)
        #expect(bench.dropped(.authorRate) <= Limits.ephemeralLinkBurst + 1_500)
        #expect(bench.counter("taken") - before <= 6)
        #expect(bench.counter("forwarded") - sentOn <= 6, "others are not flooded through us")
        try bench.expectPeace()
    }

    @Test func `S-204 words in another's name are counted and end the link`() throws {
        let bench = try Bench(seed: 72)
        for _ in 0..<20 where !bench.impostor.isClosed {
            var forged = try bench.frame(.typing(bench.general, isOn: true), .typing)
            forged.author = bench.mesh.peerID(1)
            bench.send(forged)
            bench.mesh.run(for: .seconds(1))
        }
        #expect(bench.impostor.isClosed)
        #expect(bench.dropped(.badSignature) == 3, "score -10, -40, -90")
        #expect(bench.mesh.core(0).typing(in: bench.general).isEmpty)
        try bench.expectPeace()
    }

    @Test func `what was said once is not said again`() throws {
        let bench = try Bench(seed: 73)
        let frame = try bench.frame(.typing(bench.general, isOn: true), .typing)
        for _ in 0..<100 { bench.send(frame) }
        bench.mesh.run(for: .seconds(1))
        let told = bench.mesh.takeLive(0).filter { $0.what == .typingStarted }
        #expect(told.map(\.peer) == [bench.mesh.peerID(2)])
        #expect(bench.dropped(.duplicate) >= 99)
        // Words of others that were passed on to it, sent back.
        _ = try bench.mesh.act(1, .live(.typing(bench.general, in: bench.server)))
        bench.mesh.run(for: .seconds(1))
        let heard = bench.impostor.recorded.filter { $0.starts(with: [0x8b, 0x18, 0x1b]) }
        #expect(!heard.isEmpty)
        let taken = bench.counter("taken")
        for frame in heard { bench.mesh.send(frame, as: 2) }
        bench.mesh.run(for: .seconds(1))
        #expect(bench.counter("taken") == taken)
        bench.mesh.run(for: .seconds(25))
        try bench.expectPeace()
    }

    @Test func `a payload above the bound is a bad frame, and the third ends the link`() throws {
        let bench = try Bench(seed: 74)
        var large = try bench.frame(.typing(bench.general, isOn: true), .typing)
        large.payload = [UInt8](repeating: 0, count: Limits.ephemeralPayload + 1)
        for _ in 0..<3 { bench.send(large) }
        bench.mesh.run(for: .seconds(2))
        #expect(bench.impostor.isClosed)
        try bench.expectPeace()
    }

    @Test func `S-204 who is not in the room is not heard there`() throws {
        let bench = try Bench(seed: 75)
        func offer(_ text: String) throws -> EphemeralFrame {
            try bench.frame(
                .signal(
                    VoiceSignal(
                        channel: bench.room, to: bench.mesh.peerID(0), kind: .offer, text: text)),
                .signal, in: bench.room)
        }
        func heard() -> [LiveEvent.What] {
            bench.mesh.takeLive(0).map(\.what).filter {
                if case .signal = $0 { true } else { false }
            }
        }
        bench.send(try offer("from outside"))
        bench.mesh.run(for: .seconds(30))
        #expect(heard().isEmpty)
        #expect(bench.dropped(.notInVoice) == 1)
        // The sentinel: from inside the same words arrive.
        let joined = VoiceState(
            channel: bench.room, isJoined: true, isMuted: false, isDeafened: false)
        bench.send(try bench.frame(.voice(joined), .voice, in: bench.room))
        bench.send(try offer("from inside"))
        bench.mesh.run(for: .seconds(1))
        #expect(heard() == [.signal(.offer, text: "from inside")])
    }

    @Test func `a key is for its own channel, and text for text channels`() throws {
        let bench = try Bench(seed: 76)
        bench.send(try bench.frame(.typing(bench.room, isOn: true), .typing))
        bench.send(try bench.frame(.typing(bench.room, isOn: true), .typing, in: bench.room))
        let joined = VoiceState(
            channel: bench.general, isJoined: true, isMuted: false, isDeafened: false)
        bench.send(try bench.frame(.voice(joined), .voice))
        var garbled = try bench.frame(.typing(bench.general, isOn: true), .signal)
        bench.send(garbled)
        garbled = try bench.frame(.presence(.busy, text: nil), .presence)
        garbled.payload[0] ^= 1
        bench.send(garbled)
        bench.mesh.run(for: .seconds(1))
        #expect(bench.dropped(.wrongChannel) == 3)
        #expect(bench.dropped(.badPayload) == 1, "a typing word under the topic of signals")
        #expect(bench.dropped(.badSignature) == 1)
        #expect(bench.mesh.core(0).typing().isEmpty)
        try bench.expectPeace()
    }

    @Test func `who was kicked is not heard any more`() throws {
        let bench = try Bench(seed: 77)
        bench.send(try bench.frame(.typing(bench.general, isOn: true), .typing))
        bench.mesh.run(for: .seconds(1))
        #expect(bench.mesh.core(0).typing().map(\.peer) == [bench.mesh.peerID(2)])
        _ = try bench.mesh.act(
            0,
            .rights(
                .kick(bench.mesh.peerID(2), reason: "", lastAccepted: nil), in: bench.server,
                isRehearsal: false))
        #expect(bench.mesh.core(0).typing().isEmpty, "gone with the kick")
        bench.mesh.run(for: .seconds(5))
        let taken = bench.counter("taken")
        bench.send(try bench.frame(.typing(bench.general, isOn: true), .typing))
        bench.mesh.run(for: .seconds(1))
        #expect(bench.mesh.core(0).typing().isEmpty)
        #expect(bench.counter("taken") - taken <= 1, "at most a word of node 1")
        try bench.expectPeace()
    }
}
