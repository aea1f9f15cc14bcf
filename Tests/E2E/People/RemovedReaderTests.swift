import PeerNode
import PeerState
import PeerTesting
import Testing

/// Somebody who is no reader any more, and kept everything he ever had (SCENARIOS 5).
@Suite struct RemovedReaderTests {
    enum Way: String, CaseIterable, Sendable { case kick, suspend, leave, role }

    private struct Case {
        let mesh: Mesh
        let server: Server.ID
        let channel: Channel.ID
        let role: Event.ID

        init(seed: UInt64) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: 4)
            let (server, _) = try mesh.gather()
            self.server = server
            let create = RightsChange.createRole(name: "Crew", permissions: [])
            let made = try mesh.act(0, .rights(create, in: server, isRehearsal: false))
            role = try #require(made.event)
            for node in 0..<4 {
                let assign = RightsChange.assign(role, to: mesh.peerID(node))
                _ = try mesh.act(0, .rights(assign, in: server, isRehearsal: false))
            }
            var plan = ChannelPlan(name: "crew")
            plan.readers = [role]
            channel = try #require(try mesh.act(0, .channel(.create(plan), in: server)).channel)
            mesh.run(for: .seconds(30))
        }

        func change(_ way: Way) -> Action {
            let target = mesh.peerID(3)
            return switch way {
            case .kick:
                .rights(
                    .kick(target, reason: "", lastAccepted: nil), in: server, isRehearsal: false)
            case .suspend: .rights(.suspend(target, reason: ""), in: server, isRehearsal: false)
            case .role: .rights(.unassign(role, from: target), in: server, isRehearsal: false)
            case .leave: .server(.leave(), in: server)
            }
        }

        func write(_ node: Int, _ text: String) throws -> Event.ID {
            try #require(try mesh.post(node, server, channel, text).event)
        }

        /// What node 3 opens of everything that the others hold.
        func kept(_ keys: KeyRing) throws -> KeptKeys {
            var all: Set<[UInt8]> = []
            for node in 0..<4 { all.formUnion(try mesh.envelopes(node, server)) }
            return try KeptKeys(keys, of: mesh.peerID(3), server, Array(all))
        }
    }

    @Test(arguments: Way.allCases)
    func `S-111 S-112 S-124 who was lowered opens nothing by who knew, and the rest is labelled`(
        way: Way
    ) throws {
        let room = try Case(seed: 6_101)
        let mesh = room.mesh
        let before = try room.write(1, "before")
        let own = try room.write(3, "his own")
        mesh.run(for: .seconds(20))
        // Node 2 does not hear of it; node 3, who still listens to node 2, keeps all keys.
        mesh.partition([[0, 1], [2, 3]])
        if way == .leave {
            mesh.partition([[0, 1, 3], [2]])
        }
        let actor = way == .leave ? 3 : 0
        #expect(try mesh.act(actor, room.change(way)).kind == .applied)
        mesh.run(for: .seconds(5))
        let knowing = [try room.write(0, "he is gone"), try room.write(1, "so he is")]
        let unknowing = try room.write(2, "who is gone?")
        mesh.run(for: .seconds(60))
        let later = try room.write(1, "a minute later")
        let keys = try #require(mesh.core(3).servers[room.server]?.keys)
        mesh.heal()
        mesh.run(for: .seconds(180))
        let after = try room.write(2, "I know now")
        mesh.run(for: .seconds(60))

        let kept = try room.kept(keys)
        #expect(kept.opened[before] == "before" && kept.opened[own] == "his own")
        #expect(kept.opened[unknowing] == "who is gone?", "this cannot be helped")
        for event in knowing + [later, after] { #expect(kept.opened[event] == nil, "\(way)") }

        let target = mesh.peerID(3)
        let label = try #require(try readers(of: unknowing, room))
        #expect(label.alsoReadableBy == [target] && !label.isStale)
        #expect(try readers(of: before, room)?.alsoReadableBy == [target])
        for event in knowing + [later, after] {
            let label = try #require(try readers(of: event, room))
            #expect(label.alsoReadableBy.isEmpty && !label.isStale)
            #expect(Set(label.readers) == Set((0..<3).map { mesh.peerID($0) }))
        }
        for node in 1..<3 {
            #expect(mesh.stateHash(node, room.server) == mesh.stateHash(0, room.server))
        }
    }

    private func readers(of id: Event.ID, _ room: Case) throws -> MessageReaders? {
        let envelope = try room.mesh.envelopes(0, room.server).first {
            try Event(decoding: Envelope(decoding: $0)).id == id
        }
        let event = try Event(decoding: Envelope(decoding: #require(envelope)))
        return room.mesh.core(0).readers(of: event)
    }

    @Test func `S-092 who is let in again reads on from there, by the channel's policy`() throws {
        print("seed 6102")
        let mesh = try Mesh(seed: 6_102, count: 3)
        let (server, general) = try mesh.gather()
        var plan = ChannelPlan(name: "now")
        plan.sharesHistory = false
        let now = try #require(try mesh.act(0, .channel(.create(plan), in: server)).channel)
        mesh.run(for: .seconds(20))
        for channel in [general, now] { _ = try mesh.post(2, server, channel, "mine") }
        mesh.run(for: .seconds(20))
        mesh.partition([[0, 1], [2]])
        let kick = RightsChange.kick(mesh.peerID(2), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        // Who has not heard of the kick yet would write under a key he has.
        mesh.run(for: .seconds(10))
        for channel in [general, now] { _ = try mesh.post(1, server, channel, "without him") }
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(try mesh.texts(2, server, general) == ["mine"])
        _ = try mesh.act(0, .channel(.rotateKey(now), in: server))
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(2), expiresAtMilliseconds: nil))
        #expect(invite.kind == .applied)
        mesh.run(for: .seconds(180))
        for channel in [general, now] { _ = try mesh.post(1, server, channel, "welcome") }
        mesh.run(for: .seconds(60))
        #expect(try mesh.texts(2, server, general) == ["mine", "without him", "welcome"])
        #expect(try mesh.texts(2, server, now) == ["mine", "welcome"])
        #expect(try mesh.texts(0, server, now) == ["mine", "without him", "welcome"])
        #expect(mesh.stateHash(2, server) == mesh.stateHash(0, server))
    }
}
