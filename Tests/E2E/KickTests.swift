import PeerNode
import PeerState
import PeerTesting
import Testing

/// Removing somebody from a server of several nodes.
@Suite struct KickTests {
    private func kick(_ target: Peer.ID) -> RightsChange {
        .kick(target, reason: "noise", lastAccepted: nil)
    }

    @Test func `a kicked member's later message is void and the next key is not his`() throws {
        let mesh = try Mesh(seed: 71, count: 4)
        let (server, channel) = try mesh.gather()
        for node in 0..<4 { _ = try mesh.post(node, server, channel, "before, of \(node)") }
        mesh.run(for: .seconds(30))
        // He writes without knowing of the kick; the others learn of both.
        mesh.partition([[0, 1, 2], [3]])
        let outcome = try mesh.act(
            0, .rights(kick(mesh.peerID(3)), in: server, isRehearsal: false))
        #expect(outcome.kind == .applied)
        #expect(outcome.rotated == [channel])
        #expect(outcome.lastAccepted != nil && outcome.voided.isEmpty)
        let late = try mesh.post(3, server, channel, "too late")
        let after = try mesh.post(0, server, channel, "he is gone")
        mesh.run(for: .seconds(30))
        let next = try mesh.post(1, server, channel, "so it seems")
        mesh.run(for: .seconds(30))
        mesh.heal()
        mesh.run(for: .seconds(180))

        let hash = try #require(mesh.stateHash(0, server))
        for node in 0..<3 {
            #expect(mesh.stateHash(node, server) == hash, "node \(node)")
            let shown = try mesh.texts(node, server, channel)
            #expect(shown.contains("he is gone") && shown.contains("so it seems"))
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.standing(of: mesh.peerID(3)) == nil)
            let lateID = try #require(late.event)
            if state.seq(of: lateID) != nil {
                #expect(state.verdict(on: lateID)?.code == .voidedByRemoval)
            }
        }
        for event in [after.event, next.event] {
            let id = try #require(event)
            try expectClosed(id, to: 3, mesh, server, channel)
        }
        #expect(try !mesh.texts(3, server, channel).contains("he is gone"))
    }

    @Test func `S-058 the agents of who is kicked go with him, and nobody else`() throws {
        print("seed 78")
        let mesh = try Mesh(seed: 78, count: 3)
        let (server, channel) = try mesh.gather()
        let manager = mesh.peerID(1)
        let right = try #require(PermissionNumber(7))
        _ = try mesh.act(
            0, .rights(.grant(right, to: manager), in: server, isRehearsal: false))
        mesh.run(for: .seconds(10))
        let (his, ours) = (RightsServer.peer("his agent"), RightsServer.peer("our agent"))
        let limits = Attenuation(lapse: 1_000)
        _ = try mesh.act(1, .rights(.addAgent(his, limits), in: server, isRehearsal: false))
        _ = try mesh.act(0, .rights(.addAgent(ours, limits), in: server, isRehearsal: false))
        mesh.run(for: .seconds(10))
        let outcome = try mesh.act(0, .rights(kick(manager), in: server, isRehearsal: false))
        #expect(outcome.kind == .applied && outcome.rotated == [channel])
        mesh.run(for: .seconds(20))
        for node in [0, 2] {
            let state = try #require(mesh.core(node).servers[server]?.state)
            #expect(state.standing(of: manager) == nil && state.standing(of: his) == nil)
            #expect(state.standing(of: ours) != nil)
            #expect(state.standing(of: mesh.peerID(2)) != nil)
        }
    }

    /// What a node cannot open it does not show, and no epoch it was sent under names the peer.
    private func expectClosed(
        _ id: Event.ID, to node: Int, _ mesh: Mesh, _ server: Server.ID, _ channel: Channel.ID
    ) throws {
        let state = try #require(mesh.core(0).servers[server]?.state)
        #expect(state.message(id) != nil)
        let epoch = try #require(state.sendingEpoch(of: channel))
        #expect(!state.recipients(of: epoch).contains(mesh.peerID(node)))
        #expect(mesh.core(node).servers[server]?.keys.holds(epoch.id) == false)
    }

    /// The author of a leave renews no keys: whoever writes next does, or somebody within 30 s.
    @Test func `after a leave the next post comes under a new key`() throws {
        let mesh = try Mesh(seed: 72, count: 3)
        let (server, channel) = try mesh.gather()
        _ = try mesh.post(0, server, channel, "all of us")
        let old = try #require(mesh.core(1).servers[server]?.state.sendingEpoch(of: channel))
        _ = try mesh.act(2, .server(.leave(), in: server))
        #expect(mesh.core(2).servers[server]?.state.sendingEpoch(of: channel) == nil)
        mesh.run(for: Milliseconds(100))
        _ = try mesh.post(1, server, channel, "the two of us")
        mesh.run(for: .seconds(30))
        let state = try #require(mesh.core(0).servers[server]?.state)
        let new = try #require(state.sendingEpoch(of: channel))
        #expect(new.id != old.id && !state.recipients(of: new).contains(mesh.peerID(2)))
        #expect(try mesh.texts(0, server, channel) == ["all of us", "the two of us"])
        #expect(mesh.core(2).servers[server]?.keys.holds(new.id) == false)
    }

    @Test func `S-062 a rehearsal names exactly what falls, and changes nothing`() throws {
        let mesh = try Mesh(seed: 73, count: 3)
        let (server, channel) = try mesh.gather()
        let first = try mesh.post(2, server, channel, "stays")
        let second = try mesh.post(2, server, channel, "falls")
        let id = try #require(second.event)
        let third = try mesh.act(
            2, .content(.react(emoji: "x"), on: id, in: server, principal: "test"))
        mesh.run(for: .seconds(30))
        // Others' events that rest on it stay.
        _ = try mesh.act(
            1, .content(.react(emoji: "y"), on: id, in: server, principal: "test"))
        mesh.run(for: .seconds(30))
        func void(_ node: Int) throws -> Set<Event.ID> {
            let state = try #require(mesh.core(node).servers[server]?.state)
            let ids = try mesh.envelopes(node, server).map {
                try Event(decoding: Envelope(decoding: $0)).id
            }
            return Set(ids.filter { state.verdict(on: $0) != nil })
        }
        #expect(try void(1).isEmpty)
        let before = mesh.stateHash(0, server)
        let rollback = RightsChange.kick(mesh.peerID(2), reason: "", lastAccepted: first.event)
        let outcome = try mesh.act(0, .rights(rollback, in: server, isRehearsal: true))
        #expect(outcome.kind == .unchanged && outcome.isRehearsal)
        #expect(Set(outcome.voided) == Set([second.event, third.event].compactMap(\.self)))
        #expect(try mesh.stateHash(0, server) == before && void(0).isEmpty)
        let done = try mesh.act(0, .rights(rollback, in: server, isRehearsal: false))
        #expect(done.voided == outcome.voided && outcome.voided.count == 2)
        mesh.run(for: .seconds(60))
        for node in 0...1 { #expect(try void(node) == Set(done.voided), "node \(node)") }
        #expect(mesh.stateHash(0, server) == mesh.stateHash(1, server))
        #expect(mesh.stateHash(0, server) != before)
    }
}
