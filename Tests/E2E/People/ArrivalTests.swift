import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Events that come from the wrong place, too often, or with a wrong clock (SCENARIOS 1).
@Suite struct ArrivalTests {
    private static func decoded(_ mesh: Mesh, _ node: Int, _ server: Server.ID) throws -> [Event] {
        try mesh.envelopes(node, server).map { try Event(decoding: Envelope(decoding: $0)) }
    }

    /// Node 2 brings them, node 3 would be told; node 1 has written them.
    @Test(arguments: [true, false])
    func `S-015 who brings events of another server is worth less, and they go nowhere`(
        isFirst: Bool
    ) throws {
        print("seed 8401")
        let mesh = try Mesh(seed: 8_401, count: 4)
        let (server, channel) = try mesh.gather()
        let other = try #require(
            try mesh.act(1, .createServer(name: "Elsewhere", description: "")).server)
        let foreign = try #require(
            try mesh.envelopes(1, other).first { bytes in
                let event = try Event(decoding: Envelope(decoding: bytes))
                return (event.kind == ServerCreated.kind) == isFirst
            })
        let id = try Envelope(decoding: foreign).id
        let bringer = try mesh.replace(2, dialling: 0)
        let listener = try mesh.replace(3, dialling: 0)
        mesh.run(for: .seconds(5))
        try #require(bringer.isOpen && listener.isOpen)
        func score() -> Double { mesh.core(0).score(of: mesh.peerID(2)) }
        let (before, held) = (score(), try Self.decoded(mesh, 0, server).count)
        #expect(before >= 0)
        mesh.send(SyncMessage.push(server, round: 1, foreign).bytes, as: 2)
        mesh.run(for: .seconds(5))
        #expect(score() < before - 5, "\(score()) after \(before)")
        #expect(try Self.decoded(mesh, 0, server).count == held)
        #expect(mesh.core(0).servers[other] == nil)
        let said = try #require(try mesh.post(0, server, channel, "sentinel").event)
        mesh.run(for: .seconds(20))
        let heard = listener.recorded.flatMap(\.self)
        #expect(heard.firstRange(of: said.bytes) != nil || !listener.recorded.isEmpty)
        #expect(heard.firstRange(of: id.bytes) == nil && heard.firstRange(of: foreign) == nil)
        #expect(listener.recorded.contains { $0.count > 100 }, "it is told of other things")
    }

    @Test func `S-022 what comes a thousand times is checked, stored, told and counted once`()
        throws
    {
        print("seed 8402")
        let mesh = try Mesh(seed: 8_402, count: 2)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(30))
        mesh.partition([[0], [1]])
        let id = try #require(try mesh.post(0, server, channel, "hello").event)
        let envelope = try #require(
            try mesh.envelopes(0, server).first { try Envelope(decoding: $0).id == id })
        let held = try Self.decoded(mesh, 1, server).count
        let (_, cost) = Cost.counting {
            for _ in 0..<1_000 { mesh.hand(1, server, [envelope]) }
        }
        #expect(cost.signatureChecks == 1)
        mesh.run(for: .seconds(10))
        #expect(try Self.decoded(mesh, 1, server).count == held + 1)
        #expect(try mesh.feed(1).count { $0.kind == .messageReceived } == 1)
        #expect(try mesh.unread(1, by: "test") == 1)
        #expect(try mesh.texts(1, server, channel) == ["hello"])
    }

    @Test func `S-018 H-038 a clock of 1970 is shown as the server's first day, and marked`() throws
    {
        print("seed 8403")
        let mesh = try Mesh(seed: 8_403, count: 2)
        let (server, channel) = try mesh.gather()
        _ = try mesh.post(0, server, channel, "before")
        mesh.run(for: .seconds(30))
        mesh.clock.skew[1] = .min / 2
        #expect(mesh.wallMilliseconds(1) == 0)
        _ = try mesh.post(1, server, channel, "from 1970")
        mesh.clock.skew[1] = 300_000
        let ahead = mesh.wallMilliseconds(1)
        _ = try mesh.post(1, server, channel, "five minutes ahead")
        mesh.clock.skew[1] = nil
        mesh.run(for: .seconds(30))
        _ = try mesh.post(0, server, channel, "after")
        let founded = try #require(mesh.core(0).servers[server]?.state.createdMilliseconds)
        let shown = try mesh.shown(0, server, channel)
        #expect(shown.map(\.text) == ["before", "from 1970", "five minutes ahead", "after"])
        #expect(shown.map(\.isClamped) == [false, true, false, false])
        try #require(shown.count == 4)
        #expect(shown[1].atMilliseconds == founded)
        #expect(shown[2].atMilliseconds == ahead)
        #expect(shown[3].atMilliseconds >= shown[0].atMilliseconds)
    }
}
