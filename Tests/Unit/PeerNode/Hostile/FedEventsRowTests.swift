import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// What one member hands over though no honest node would pass it on (HOSTILE 3.3).
@Suite struct FedEventsRowTests {
    @Test func `H-057 who feeds keys that never were members loses the link`() throws {
        print("seed 157")
        let mesh = try Mesh(seed: 157, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(15))
        let impostor = try mesh.replace(2, dialling: 0)
        mesh.run(for: .seconds(3))
        try #require(impostor.isOpen)
        let replica = try #require(mesh.core(0).servers[server]?.replica)
        let proof = try #require(replica.state.standing(of: mesh.peerID(1))?.proof)
        let settled = mesh.stateHash(0, server)
        var entropy = Entropy.seeded(SeededRandom(seed: 157))
        var round: UInt64 = 0
        while round < 1_000, !impostor.isClosed {
            round += 1
            let key = SigningKey(seed: entropy.bytes(SigningKey.seedByteCount))
            var event = Forgery(next: replica, by: key, kind: 1, [])
            event[.deps] = .array([.bytes(proof.bytes)])
            event[.proof] = .bytes(proof.bytes)
            event[.lamport] = .unsigned(replica.state.graph.lamport(over: [proof]))
            mesh.send(SyncMessage.push(server, round: round, event.envelope).bytes, as: 2)
            mesh.run(for: Milliseconds(100))
        }
        #expect(impostor.isClosed, "after \(round) of them")
        #expect(round < 20)
        #expect(mesh.stateHash(0, server) == settled)
        let counters = mesh.core(0).reachSnapshot().counters
        #expect(counters[.eventsInvalid] >= round - 1)
        #expect(try mesh.post(1, server, channel, "all well").kind == .applied)
        mesh.run(for: .seconds(10))
        #expect(try mesh.texts(0, server, channel) == ["all well"])
    }
}
