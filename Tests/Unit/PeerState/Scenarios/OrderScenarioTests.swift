import PeerState
import PeerTesting
import Testing

/// S-006 to S-018: what happens apart, in other orders, or with wrong clocks.
@Suite struct OrderScenarioTests {
    @Test func `S-006 of two renames apart the later in canonical order wins everywhere`() throws {
        var here = try RightsServer.with(["B": .admin, "C": .admin])
        let room = try here.room("O", "plan")
        var there = here
        let left = try here.write("B", .renameChannel(room, "left"))
        let right = try there.write("C", .renameChannel(room, "right"))
        here.meet(&there)
        let isRight = RightsServer.peer("B") < RightsServer.peer("C")
        let (winner, loser) = isRight ? (right, left) : (left, right)
        for server in [here, there] {
            #expect(server.state.explanation(of: winner)?.overruler == nil)
            #expect(server.state.explanation(of: loser)?.overruler?.event == winner)
        }
        #expect(here.state.channel(room.channel)?.name == (isRight ? "right" : "left"))
        #expect(here.hash == there.hash)
        #expect(here.disagreements() == [])
    }

    @Test func `S-007 a message beside the deletion of its channel stays unseen`() throws {
        var here = try RightsServer.with(["B": .member])
        let room = try here.room("O", "plan")
        var there = here
        let deletion = try here.write("O", .deleteChannel(room))
        let message = try there.write("B", .post(room, "hello"))
        #expect(there.state.explanation(of: message)?.overruler == nil)
        here.meet(&there)
        #expect(there.state.explanation(of: message)?.overruler?.event == deletion)
        #expect(here.state.channel(room.channel) == nil)
        #expect(here.state.graph.contains(message) && here.verdict(message) == nil)
        #expect(here.state.message(message) == nil)
        #expect(try here.refusal("B", .post(room, "again")) == "channelDeleted")
        #expect(here.hash == there.hash && here.disagreements() == [])
    }

    @Test func `S-008 a delete beats an edit beside it and every edit after it`() throws {
        var here = try RightsServer.with(["B": .member, "M": .moderator])
        let room = try here.room("O", "plan")
        let message = try here.write("B", .post(room, "old"))
        let reply = try here.write("O", .post(room, "reply", parent: message))
        try here.write("O", .pin(message))
        var there = here
        let edit = try here.write("B", .edit(message, room, "new"))
        try there.write("M", .delete(message))
        #expect(here.state.message(message)?.text == edit)
        here.meet(&there)
        for server in [here, there] {
            #expect(server.state.message(message)?.status == .deleted)
            #expect(server.state.message(message)?.text == message)
            for gone in [message, edit] {
                #expect(server.state.explanation(of: gone)?.overruler?.kind == 62)
            }
            #expect(server.state.message(reply)?.parent == message)
            #expect(server.state.pins(of: room.channel) == [])
        }
        #expect(try here.refusal("B", .edit(message, room, "newer")) == "deleted")
        #expect(try here.force("B", .edit(message, room, "newer")) == "deleted")
        #expect(here.state.message(message)?.status == .deleted)
        #expect(here.disagreements() == [])
    }

    @Test func `S-009 a message waits for the grant it rests on`() throws {
        var here = try RightsServer.with([:])
        let room = try here.room("O", "plan")
        var there = here
        try here.write("O", .grant("B", .member))
        let message = try here.write("B", .post(room, "hello"))
        let (grant, post) = (here.log[here.log.count - 2], here.log[here.log.count - 1])
        #expect(there.receive(post) == "missingDeps")
        #expect(there.state.message(message) == nil)
        #expect(there.receive(grant) == nil)
        #expect(there.state.message(message)?.status == .posted)
        #expect(there.replica.pending.count == 0 && there.hash == here.hash)
    }

    /// Kahn's algorithm, the ready set by (lamport, author, seq, id).
    private static func kahn(_ state: ServerState) -> [Event.ID] {
        var waiting = Set(state.graph.eventIDs)
        var done: [Event.ID] = []
        var isDone: Set<Event.ID> = []
        while !waiting.isEmpty {
            let ready = waiting.compactMap { id -> OrderKey? in
                guard let slot = state.graph.slot(of: id),
                    state.graph.edges(slot).allSatisfy({ isDone.contains(state.graph.id($0)) })
                else { return nil }
                return state.graph.order(slot)
            }
            guard let next = ready.min() else { return done }
            waiting.remove(next.id)
            isDone.insert(next.id)
            done.append(next.id)
        }
        return done
    }

    private static func order(_ state: ServerState) -> [Event.ID] {
        state.graph.eventIDs.compactMap { state.graph.slot(of: $0) }
            .map { state.graph.order($0) }.sorted().map(\.id)
    }

    @Test func `S-010 S-011 order is that of the ready set, whatever came first`() throws {
        var base = try RightsServer.with(["A": .member, "B": .member, "C": .member])
        // A chain over three authors, then a diamond.
        for name in ["A", "B", "C", "A"] { try base.write(name, .ack) }
        var left = base
        var right = base
        for _ in 0..<3 { try left.write("A", .ack) }
        try right.write("B", .profile("b"))
        try right.write("C", .profile("c"))
        left.merge(right)
        try left.write("B", .ack)
        let order = Self.order(left.state)
        #expect(order == Self.kahn(left.state))
        var arrivals: Set<[Event.ID]> = []
        for seed: UInt64 in 0..<4 {
            var random = SeededRandom(seed: seed)
            var other = Replica(id: left.id)
            for envelope in left.log.prefix(1) + left.log.dropFirst().shuffled(using: &random) {
                _ = other.receive(envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
            }
            arrivals.insert(other.state.graph.eventIDs)
            #expect(Self.order(other.state) == order)
        }
        #expect(arrivals.count > 1, "orders of arrival really differed")
    }

    @Test func `S-012 1,500 events of one author in reverse`() throws {
        var here = try RightsServer.with(["B": .member])
        var there = here
        for _ in 0..<1_500 { try here.write("B", .ack) }
        for envelope in here.log.dropFirst(3).reversed() {
            #expect(there.receive(envelope) == "missingPrev")
            #expect(there.replica.pending.count <= 2_000)
        }
        #expect(there.replica.pending.count == 1_499)
        #expect(there.receive(here.log[2]) == nil)
        #expect(there.replica.pending.count == 0)
        #expect(there.hash == here.hash && there.state.graph.count == 1_502)
    }

    @Test func `S-013 with 127 new heads an ack goes first and deps stay within 64`() throws {
        var base = try RightsServer.with([:])
        let room = try base.room("O", "plan")
        let names = (0..<128).map { "P\($0)" }
        for name in names { try base.write("O", .grant(name, .member)) }
        var all = base
        for name in names {
            var part = base
            try part.write(name, .post(room, name))
            all.merge(part)
        }
        #expect(all.state.messageCount == 128)
        let full = all
        for name in ["P0", "P64", "P127"] {
            var part = full
            let message = try part.write(name, .post(room, "again"))
            let written = try part.log.dropFirst(full.log.count).map {
                try Event(decoding: $0, for: part.id)
            }
            #expect(written.map(\.kind) == [1, 60])
            #expect(written.allSatisfy { $0.deps.count <= 64 })
            #expect(part.state.message(message)?.status == .posted)
            all.merge(part)
        }
        #expect(all.state.messageCount == 131)
    }

    @Test func `S-014 a hundred members write ten messages each`() throws {
        var here = try RightsServer.with([:])
        let room = try here.room("O", "plan")
        let names = (0..<100).map { "P\($0)" }
        for name in names { try here.write("O", .grant(name, .member)) }
        for round in 0..<10 {
            for name in names { try here.write(name, .post(room, "\(round)")) }
        }
        #expect(here.state.messageCount == 1_000)
        #expect(here.disagreements(orders: 2) == [])
    }

    @Test func `S-015 S-016 events of other servers are refused`() throws {
        var here = try RightsServer.with(["B": .member])
        let hash = here.hash
        let other = try RightsServer(owner: "S")
        #expect(other.id != here.id)
        // PROTOCOL 3.6, step 6: a create is told by its kind before its server.
        #expect(here.receive(other.log[0]) == "duplicateCreate")
        var second = other
        try second.write("S", .grant("B", .member))
        #expect(here.receive(second.log[1]) == "wrongServer")
        #expect(here.hash == hash && here.state.graph.count == 2)
    }

    @Test func `S-017 an unknown kind is kept without effect and is no void event`() throws {
        var here = try RightsServer.with(["B": .member])
        let hash = here.hash
        let count = here.state.graph.count
        #expect(try here.force("B", RightsAct(50_000, [.text("later")])) == nil)
        #expect(here.hash == hash && here.state.graph.count == count + 1)
        #expect(try here.force("S", RightsAct(50_000, [.text("later")])) == "notMember")
        #expect(here.disagreements() == [])
    }

    @Test func `S-018 no clock moves the order or ends activity early`() throws {
        var here = try RightsServer.with(["B": .member, "C": .member])
        let room = try here.room("O", "plan")
        try here.write("B", .post(room, "now"))
        let activity = here.state.channel(room.channel)?.activity
        let early = try here.write("B", .post(room, "year 1"), at: 1)
        let late = try here.write("C", .post(room, "ahead"), at: here.wall + 500_000)
        #expect(here.state.channel(room.channel)?.activity == here.wall + 500_000)
        #expect(activity == here.wall)
        let slots = [early, late].compactMap { here.state.graph.slot(of: $0) }
        #expect(here.state.graph.order(slots[0]) < here.state.graph.order(slots[1]))
        let far = try here.forged("B", .ack, wall: 1 << 63 - 1)
        #expect(here.receive(far) == "clockAhead")
        #expect(here.disagreements() == [])
    }
}
