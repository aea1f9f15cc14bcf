import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Presence, typing, voice and partial text between whole nodes (SCENARIOS 7 and 10).
@Suite struct LiveMeshTests {
    /// What a node is told about the others.
    private static func told(_ mesh: Mesh, _ node: Int) -> [LiveEvent] {
        mesh.takeLive(node).filter { $0.peer != mesh.peerID(node) }
    }

    private static func typists(_ mesh: Mesh, _ node: Int, _ channel: Channel.ID) -> [Peer.ID] {
        mesh.core(node).typing(in: channel).map(\.peer)
    }

    private static func presence(
        _ mesh: Mesh, _ node: Int, of other: Int, _ server: Server.ID
    ) -> PresenceState? {
        mesh.core(node).presence(of: mesh.peerID(other), in: server)?.state
    }

    private static func dropped(_ mesh: Mesh, _ node: Int, _ drop: EphemeralDrop) -> UInt64 {
        mesh.core(node).liveCounters["ephemeral_dropped_\(drop.rawValue)"] ?? 0
    }

    private static func eventCount(_ mesh: Mesh, _ server: Server.ID) -> [UInt64] {
        (0..<3).map { mesh.core($0).servers[server]?.committedCount ?? 0 }
    }

    // S-160

    @Test(arguments: [3, 10])
    func `S-160 typing shows everywhere, ends by itself, and at once with a post`(count: Int) throws
    {
        let mesh = try Mesh(seed: UInt64(count) * 31, count: count)
        let (server, channel) = try mesh.gather()
        for node in 0..<count { _ = mesh.takeLive(node) }
        let before = Self.eventCount(mesh, server)
        let hashes = (0..<count).map { mesh.stateHash($0, server) }
        let first = try mesh.act(1, .live(.typing(channel, in: server)))
        #expect(first.kind == .applied && first.live?.expiresIn == .seconds(6))
        let again = try mesh.act(1, .live(.typing(channel, in: server)))
        #expect(again.kind == .unchanged, "once in 2 s")
        mesh.run(for: .seconds(1))
        for node in 0..<count where node != 1 {
            #expect(Self.typists(mesh, node, channel) == [mesh.peerID(1)], "node \(node)")
            #expect(
                Self.told(mesh, node).map(\.what).filter { $0 == .typingStarted }.count == 1)
        }
        #expect(Self.typists(mesh, 1, channel).isEmpty, "nobody sees himself")
        mesh.run(for: .seconds(6))
        for node in 0..<count {
            #expect(Self.typists(mesh, node, channel).isEmpty, "node \(node)")
        }
        #expect(Self.told(mesh, 0).map(\.what).filter { $0 == .typingStopped }.count == 1)
        #expect(Self.eventCount(mesh, server) == before, "nothing of it is in the log")
        #expect((0..<count).map { mesh.stateHash($0, server) } == hashes)

        _ = try mesh.act(1, .live(.typing(channel, in: server)))
        mesh.run(for: .seconds(1))
        #expect(Self.typists(mesh, 2, channel) == [mesh.peerID(1)])
        _ = try mesh.post(1, server, channel, "done")
        mesh.run(for: .seconds(1))
        #expect(Self.typists(mesh, 2, channel).isEmpty, "5 s before its end")
    }

    // S-161

    @Test func `S-161 presence appears after connecting, changes, and goes with the one who goes`()
        throws
    {
        let mesh = try Mesh(seed: 7, count: 3)
        let (server, _) = try mesh.gather()
        mesh.run(for: .seconds(40))
        for node in 0..<3 {
            for other in 0..<3 { #expect(Self.presence(mesh, node, of: other, server) == .online) }
        }
        _ = mesh.takeLive(0)
        let set = try mesh.act(1, .live(.presence(.busy, text: "in a call")))
        #expect(set.kind == .applied)
        #expect(try mesh.act(1, .live(.presence(.busy, text: "in a call"))).kind == .unchanged)
        mesh.run(for: .seconds(6))
        #expect(
            mesh.core(0).presence(of: mesh.peerID(1), in: server)
                == PresenceSnapshot(.busy, text: "in a call"))
        #expect(Self.told(mesh, 0).map(\.what) == [.presence(.busy, text: "in a call")])
        // In order, and at once.
        mesh.farewell(1)
        mesh.run(for: .seconds(1))
        #expect(Self.presence(mesh, 0, of: 1, server) == nil)
        #expect(Self.told(mesh, 0).map(\.what) == [.presence(.offline, text: nil)])
        #expect(try mesh.core(0).memberSnapshots(in: server).filter(\.isOnline).count == 2)
    }

    @Test func `S-161 a peer that falls silent is gone when its last word ends`() throws {
        let mesh = try Mesh(seed: 8, count: 3)
        let (server, _) = try mesh.gather()
        mesh.run(for: .seconds(40))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(9))
        #expect(Self.presence(mesh, 0, of: 2, server) == .online, "not yet")
        mesh.run(for: .seconds(22))
        #expect(Self.presence(mesh, 0, of: 2, server) == nil)
        #expect(Self.presence(mesh, 0, of: 1, server) == .online)
        let members = try mesh.core(0).memberSnapshots(in: server)
        #expect(members.first { $0.id == mesh.peerID(2) }?.isOnline == false)
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(Self.presence(mesh, 0, of: 2, server) == .online)
        #expect(Self.presence(mesh, 2, of: 0, server) == .online)
    }

    @Test func `S-161 who did nothing for ten minutes is away, and back with the next act`() throws
    {
        let mesh = try Mesh(seed: 9, count: 2)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(630))
        #expect(Self.presence(mesh, 0, of: 1, server) == .away)
        _ = try mesh.act(1, .live(.typing(channel, in: server)))
        mesh.run(for: .seconds(6))
        #expect(Self.presence(mesh, 0, of: 1, server) == .online)
    }

    @Test func `S-161 who is invisible sends nothing, also after a restart`() throws {
        let mesh = try Mesh(seed: 10, count: 3)
        let (server, channel) = try mesh.gather()
        _ = try mesh.act(2, .live(.presence(.invisible, text: nil)))
        mesh.run(for: .seconds(10))
        #expect(Self.presence(mesh, 0, of: 2, server) == nil)
        let sent = mesh.core(2).liveCounters["ephemeral_sent"]
        #expect(try mesh.act(2, .live(.typing(channel, in: server))).kind == .unchanged)
        mesh.run(for: .seconds(120))
        #expect(mesh.core(2).liveCounters["ephemeral_sent"] == sent)
        #expect(Self.presence(mesh, 2, of: 0, server) == .online, "it still sees others")
        let members = try mesh.core(0).memberSnapshots(in: server)
        #expect(members.first { $0.id == mesh.peerID(2) }?.isOnline == false)
        try mesh.crash(2, life: 1)
        mesh.run(for: .seconds(120))
        #expect(mesh.core(2).presenceMode == .invisible)
        #expect(mesh.core(2).liveCounters["ephemeral_sent"] == 0)
        // The sentinel: the same path carries a word that must be seen.
        _ = try mesh.act(2, .live(.presence(.online, text: nil)))
        mesh.run(for: .seconds(5))
        #expect(Self.presence(mesh, 0, of: 2, server) == .online)
    }

    // S-170

    @Test func `S-170 pieces of a text reach readers in order, and the message replaces them`()
        throws
    {
        let mesh = try Mesh(seed: 11, count: 3)
        let (server, channel) = try mesh.gather()
        for node in 0..<3 { _ = mesh.takeLive(node) }
        var stream: [UInt8]?
        for text in ["one ", "two ", "three"] {
            let outcome = try mesh.act(
                1, .live(.partial(text, stream: stream, channel, in: server)))
            stream = outcome.live?.stream
            mesh.run(for: .seconds(1))
        }
        var post = PostMessage(
            principal: "test", server: server, channel: channel, text: "one two three")
        post.stream = stream
        let posted = try mesh.act(1, .postMessage(post))
        mesh.run(for: .seconds(1))
        for node in [0, 2] {
            let pieces = Self.told(mesh, node).compactMap { event -> String? in
                guard case .partial(_, let index, let text, let message) = event.what else {
                    return nil
                }
                return "\(index) \(text) \(message == posted.event)"
            }
            #expect(pieces == ["0 one  false", "1 two  false", "2 three false", "3  true"])
            #expect(try mesh.texts(node, server, channel) == ["one two three"])
        }
    }

    // S-200 to S-204

    private static func voiceMesh(
        _ seed: UInt64
    ) throws -> (mesh: Mesh, server: Server.ID, general: Channel.ID, room: Channel.ID) {
        let mesh = try Mesh(seed: seed, count: 3)
        let (server, general) = try mesh.gather()
        var plan = ChannelPlan(name: "bridge")
        plan.isVoice = true
        let made = try mesh.act(0, .channel(.create(plan), in: server))
        let room = try #require(made.channel)
        mesh.run(for: .seconds(15))
        for node in 0..<3 { _ = mesh.takeLive(node) }
        return (mesh, server, general, room)
    }

    private static func participants(
        _ mesh: Mesh, _ node: Int, _ room: Channel.ID, _ server: Server.ID
    ) -> Set<Peer.ID> {
        Set(mesh.core(node).participants(of: room, in: server).map(\.peer))
    }

    @Test func `S-200 S-201 all agree on who is in a room, and silence empties it`() throws {
        let (mesh, server, general, room) = try Self.voiceMesh(12)
        let refused = #expect(throws: NodeFailure.self) {
            try mesh.act(0, .live(.joinVoice(general, in: server)))
        }
        #expect(refused?.code == .wrongChannel)
        let nowhere = #expect(throws: NodeFailure.self) {
            try mesh.act(0, .live(.joinVoice(Channel.ID(server), in: server)))
        }
        #expect(nowhere?.code == .unknownChannel)
        #expect(try mesh.act(0, .live(.joinVoice(room, in: server))).kind == .applied)
        #expect(try mesh.act(0, .live(.joinVoice(room, in: server))).kind == .unchanged)
        mesh.run(for: .seconds(1))
        let second = try mesh.act(1, .live(.joinVoice(room, in: server)))
        let both: Set = [mesh.peerID(0), mesh.peerID(1)]
        #expect(Set(second.live?.participants ?? []) == both)
        mesh.run(for: .seconds(60))
        for node in 0..<3 { #expect(Self.participants(mesh, node, room, server) == both) }
        #expect(Self.told(mesh, 2).filter { $0.what == .voiceJoined }.count == 2, "told once each")
        _ = try mesh.act(1, .live(.leaveVoice))
        mesh.run(for: .seconds(1))
        for node in 0..<3 {
            #expect(Self.participants(mesh, node, room, server) == [mesh.peerID(0)])
        }
        #expect(try mesh.act(1, .live(.leaveVoice)).kind == .unchanged)
        try mesh.crash(0, life: 1)
        mesh.run(for: .seconds(31))
        for node in 0..<3 { #expect(Self.participants(mesh, node, room, server).isEmpty) }
    }

    @Test func `S-201 a kick and a deleted channel empty the room`() throws {
        let (mesh, server, _, room) = try Self.voiceMesh(13)
        for node in 0..<3 { _ = try mesh.act(node, .live(.joinVoice(room, in: server))) }
        mesh.run(for: .seconds(1))
        _ = try mesh.act(
            0,
            .rights(
                .kick(mesh.peerID(2), reason: "", lastAccepted: nil), in: server, isRehearsal: false
            ))
        mesh.run(for: .seconds(2))
        for node in 0..<2 {
            #expect(
                Self.participants(mesh, node, room, server) == [mesh.peerID(0), mesh.peerID(1)])
            #expect(Self.presence(mesh, node, of: 2, server) == nil)
        }
        _ = try mesh.act(0, .channel(.delete(room), in: server))
        mesh.run(for: .seconds(2))
        for node in 0..<2 {
            #expect(Self.participants(mesh, node, room, server).isEmpty)
            #expect(mesh.core(node).voiceStatus == nil)
        }
    }

    @Test func `S-202 mute and deafen toggle, and others see it`() throws {
        let (mesh, server, _, room) = try Self.voiceMesh(14)
        let outside = #expect(throws: NodeFailure.self) { try mesh.act(1, .live(.toggleMute)) }
        #expect(outside?.code == .notInVoice)
        _ = try mesh.act(1, .live(.joinVoice(room, in: server)))
        for expected in [true, false, true] {
            let outcome = try mesh.act(1, .live(.toggleMute))
            #expect(outcome.live?.voice?.isSilent == expected)
            mesh.run(for: .seconds(3))
            #expect(mesh.core(2).participants(of: room, in: server).map(\.isMuted) == [expected])
        }
        _ = try mesh.act(1, .live(.toggleMute))
        for expected in [true, false, true] {
            let outcome = try mesh.act(1, .live(.toggleDeafen))
            #expect(outcome.live?.voice?.isDeafened == expected)
            #expect(outcome.live?.voice?.isSilent == expected, "who does not hear does not speak")
            mesh.run(for: .seconds(3))
            #expect(mesh.core(2).participants(of: room, in: server).map(\.isDeafened) == [expected])
        }
    }

    @Test func `S-203 the largest signals arrive intact, at their target alone`() throws {
        let (mesh, server, _, room) = try Self.voiceMesh(15)
        for node in 0..<3 { _ = try mesh.act(node, .live(.joinVoice(room, in: server))) }
        mesh.run(for: .seconds(1))
        for node in 0..<3 { _ = mesh.takeLive(node) }
        let sdp = String(repeating: "a=candidate:1 1 UDP\r\n", count: 780) + "a=xx"
        #expect(sdp.utf8.count == Limits.maxSignal)
        func send(_ from: Int, _ to: Int, _ kind: VoiceSignal.Kind, _ text: String) throws {
            let signal = VoiceSignal(channel: room, to: mesh.peerID(to), kind: kind, text: text)
            let outcome = try mesh.act(from, .live(.signal(signal, in: server)))
            let linked = mesh.core(from).connectionSnapshot().links.count
            #expect(outcome.reached == linked && linked > 0)
            mesh.run(for: .seconds(1))
        }
        try send(1, 2, .candidate, "early 1")
        try send(1, 2, .candidate, "early 2")
        try send(1, 2, .offer, sdp)
        try send(2, 1, .answer, sdp)
        try send(1, 2, .candidate, "late")
        try send(1, 2, .end, "")
        func signals(_ node: Int) -> [LiveEvent.What] {
            Self.told(mesh, node).map(\.what).filter {
                if case .signal = $0 { true } else { false }
            }
        }
        #expect(signals(1) == [.signal(.answer, text: sdp)])
        #expect(
            signals(2) == [
                .signal(.offer, text: sdp), .signal(.candidate, text: "early 1"),
                .signal(.candidate, text: "early 2"), .signal(.candidate, text: "late"),
                .signal(.end, text: ""),
            ])
        #expect(signals(0).isEmpty, "it only passed them on")
    }

    @Test func `S-204 signals need a room, a participant and a size`() throws {
        let (mesh, server, _, room) = try Self.voiceMesh(16)
        func refusal(_ to: Int, _ text: String) -> NodeCode? {
            let signal = VoiceSignal(channel: room, to: mesh.peerID(to), kind: .offer, text: text)
            return #expect(throws: NodeFailure.self) {
                try mesh.act(1, .live(.signal(signal, in: server)))
            }?.code
        }
        #expect(refusal(2, "x") == .notInVoice)
        _ = try mesh.act(1, .live(.joinVoice(room, in: server)))
        #expect(refusal(2, "x") == .unknownPeer)
        _ = try mesh.act(2, .live(.joinVoice(room, in: server)))
        mesh.run(for: .seconds(1))
        #expect(refusal(2, String(repeating: "x", count: Limits.maxSignal + 1)) == .tooLarge)
        #expect(refusal(2, "\u{0}") == .badText)
        let fine = VoiceSignal(channel: room, to: mesh.peerID(2), kind: .offer, text: "x")
        for _ in 0..<20 {
            #expect(try mesh.act(1, .live(.signal(fine, in: server))).kind == .applied)
        }
        #expect(refusal(2, "x") == .tooOften)
    }

    // Nothing of it is anywhere

    @Test func `no text of it is on the wire`() throws {
        let (mesh, server, general, room) = try Self.voiceMesh(17)
        let canary = "CANARY-7f3a"
        var wire: [UInt8] = []
        mesh.onWire = { _, bytes in wire += bytes }
        _ = try mesh.act(1, .live(.presence(.online, text: canary)))
        _ = try mesh.act(1, .live(.typing(general, in: server)))
        _ = try mesh.act(1, .live(.partial(canary, stream: nil, general, in: server)))
        for node in 1..<3 { _ = try mesh.act(node, .live(.joinVoice(room, in: server))) }
        mesh.run(for: .seconds(1))
        let signal = VoiceSignal(channel: room, to: mesh.peerID(2), kind: .offer, text: canary)
        _ = try mesh.act(1, .live(.signal(signal, in: server)))
        mesh.run(for: .seconds(30))
        #expect(mesh.core(2).presence(of: mesh.peerID(1), in: server)?.text == canary)
        #expect(Self.told(mesh, 2).contains { $0.what == .signal(.offer, text: canary) })
        #expect(wire.count > 5_000)
        #expect(wire.firstRange(of: Array(canary.utf8)) == nil)
    }
}
