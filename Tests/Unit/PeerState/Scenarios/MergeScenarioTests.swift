import PeerState
import PeerTesting
import Testing

/// S-003 to S-005, S-022 to S-024, S-042, S-056, S-134, S-136 and S-150 as far as state decides
/// them: what parts of a server did apart, and acts that name nothing or somebody else's.
@Suite struct MergeScenarioTests {
    /// Brings all parts together, each in an order of its own.
    private func heal(_ parts: inout [RightsServer]) {
        let before = parts
        for index in parts.indices {
            for other in before[(index + 1)...] + before[..<index] { parts[index].merge(other) }
        }
    }

    private func expectAgreement(_ parts: [RightsServer]) {
        #expect(Set(parts.map(\.hash)).count == 1)
        #expect(Set(parts.map { $0.state.messageIDs }).count == 1)
        #expect(parts[0].disagreements() == [])
    }

    @Test func `S-003 three parts that renamed, posted, edited and reacted become one`() throws {
        var base = try RightsServer.with(["B": .admin, "C": .admin])
        let room = try base.room("O", "plan")
        let message = try base.write("B", .post(room, "first"))
        var parts = [base, base, base]
        var posted: [Event.ID] = []
        var reactions: [Event.ID] = []
        for (index, name) in ["O", "B", "C"].enumerated() {
            try parts[index].write(name, .renameChannel(room, "plan of \(name)"))
            for number in 0..<20 {
                posted.append(try parts[index].write(name, .post(room, "\(name) \(number)")))
            }
            reactions.append(try parts[index].write(name, .react(message, room, "x")))
        }
        let edit = try parts[1].write("B", .edit(message, room, "second"))
        heal(&parts)
        expectAgreement(parts)
        for part in parts {
            #expect(part.state.messageIDs == (posted + [message]).sorted())
            #expect(part.state.message(message)?.text == edit)
            #expect(part.state.message(message)?.status == .edited)
            #expect(Set(part.state.reactions(to: message).map(\.id)) == Set(reactions))
            #expect(
                Set(part.state.reactions(to: message).map(\.author))
                    == Set(["O", "B", "C"].map { RightsServer.peer($0) }))
        }
        let names = Set(parts.compactMap { $0.state.channel(room.channel)?.name })
        #expect(names.count == 1)
        #expect(["plan of O", "plan of B", "plan of C"].contains(names.first ?? ""))
    }

    @Test func `S-004 two channels of one name are two channels`() throws {
        var here = try RightsServer.with(["B": .admin, "C": .admin])
        var there = here
        let left = try here.room("B", "ops")
        let right = try there.room("C", "ops")
        let first = try here.write("B", .post(left, "to the left"))
        let second = try there.write("C", .post(right, "to the right"))
        here.meet(&there)
        #expect(here.state.holdingChannels.map(\.name) == ["ops", "ops"])
        #expect(Set(here.state.holdingChannels.map(\.id)) == [left.channel, right.channel])
        #expect(here.state.message(first)?.channel == left.channel)
        #expect(here.state.message(second)?.channel == right.channel)
        #expect(here.hash == there.hash && here.disagreements() == [])
    }

    @Test func `S-005 ten channels made apart stand in one order everywhere`() throws {
        let names = (0..<10).map { "M\($0)" }
        var base = try RightsServer(owner: "O")
        for name in names { try base.write("O", .grant(name, .admin)) }
        var parts = names.map { _ in base }
        var made: [Channel.ID] = []
        for (index, name) in names.enumerated() {
            made.append(Channel.ID(try parts[index].write(name, .channel("room of \(name)"))))
        }
        heal(&parts)
        expectAgreement(parts)
        let order = parts[0].state.holdingChannels.map(\.id)
        #expect(Set(order) == Set(made) && order.count == 10)
        // All of one lamport: their authors' keys decide.
        let byAuthor = zip(names, made).sorted { RightsServer.peer($0.0) < RightsServer.peer($1.0) }
        #expect(order == byAuthor.map(\.1))
        for part in parts { #expect(part.state.holdingChannels.map(\.id) == order) }
    }

    @Test func `S-022 an event that comes a thousand times counts once`() throws {
        var here = try RightsServer.with(["B": .member])
        let room = try here.room("O", "plan")
        var there = here
        let message = try here.write("B", .post(room, "hello"))
        let envelope = try #require(here.log.last)
        var verdicts: [String?] = []
        for _ in 0..<1_000 { verdicts.append(there.receive(envelope)) }
        #expect(verdicts == [nil] + Array(repeating: "duplicate", count: 999))
        #expect(there.state.messageIDs == [message])
        #expect(there.state.graph.count == here.state.graph.count && there.hash == here.hash)
        #expect(there.replica.pending.count == 0)
    }

    @Test func `S-023 what names no channel and no message has no effect`() throws {
        var here = try RightsServer.with(["A": .admin])
        let room = try here.room("O", "plan")
        let other = try here.write("O", .role("r", []))
        let wrong = RightsRoom(channel: Channel.ID(other), epoch: room.epoch)
        let acts: [RightsAct] = [
            .renameChannel(wrong, "x"), .topic(wrong, "x"), .post(wrong, "x"),
            .edit(other, room, "x"), .delete(other), .react(other, room, "x"), .pin(other),
            .unpin(other), .unreact(other),
        ]
        let before = here.visible
        for act in acts {
            #expect(try here.refusal("A", act) == "unknownTarget")
            #expect(try here.force("A", act) == "unknownTarget")
        }
        #expect(here.visible == before)
        #expect(here.disagreements() == [])
    }

    @Test func `S-023 what names an event nobody has waits, and changes nothing`() throws {
        var here = try RightsServer.with(["A": .admin])
        let room = try here.room("O", "plan")
        let nowhere: Event.ID = Identifier(Sodium.blake2b(Array("nowhere".utf8)))
        let (hash, next) = (here.hash, here.replica.nextPlace(of: RightsServer.peer("A")).seq)
        for act in [RightsAct.edit(nowhere, room, "x"), .pin(nowhere), .delete(nowhere)] {
            #expect(try here.refusal("A", act) != nil)
            #expect(try here.force("A", act) == "missingDeps")
        }
        #expect(here.hash == hash)
        #expect(here.replica.nextPlace(of: RightsServer.peer("A")).seq == next)
    }

    @Test func `S-024 sums over messages and reactions equal those made anew`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .member])
        let rooms = [try here.room("O", "one"), try here.room("O", "two")]
        for room in rooms {
            let ids = try (0..<6).map { try here.write("B", .post(room, "m\($0)")) }
            for id in ids { try here.write("A", .react(id, room, "x")) }
            try here.write("B", .edit(ids[0], room, "edited"))
            try here.write("B", .delete(ids[1]))
            let reaction = try #require(here.state.reactions(to: ids[2]).first)
            try here.write("A", .unreact(reaction.id))
            #expect(here.state.reactions(to: ids[1]).isEmpty)
            #expect(here.state.reactions(to: ids[2]).isEmpty)
        }
        func expectSums() {
            var sums = [Int: RowSum]()
            for (section, row) in StateRows.many(of: here.state) {
                sums[section, default: RowSum()].add(row)
            }
            let kept = StateHash.sections(of: here.state)
            for section in [8, 9, 15] {
                #expect(kept[section - 1] == sums[section] ?? RowSum(), "section \(section)")
            }
        }
        expectSums()
        try here.write("O", .deleteChannel(rooms[0]))
        expectSums()
        try here.write("A", .remove("B", here.cut("B")))
        expectSums()
        #expect(here.state.messageCount == 12)
    }

    @Test func `S-042 nobody removes or lowers himself`() throws {
        for (name, level) in [("O", Level.owner), ("A", .admin)] {
            var here = try RightsServer.with(["A": .admin])
            let (hash, seq) = (here.hash, here.state.graph.head(of: RightsServer.peer(name))?.seq)
            for act in [RightsAct.remove(name, here.cut(name)), .suspend(name, here.cut(name))] {
                #expect(try here.refusal(name, act) != nil)
                #expect(here.hash == hash)
                #expect(here.state.graph.head(of: RightsServer.peer(name))?.seq == seq)
            }
            #expect(try here.force(name, .remove(name, here.cut(name))) != nil)
            #expect(here.level(name) == level)
            #expect(here.disagreements() == [])
        }
    }

    @Test func `S-056 who leaves is no member, his words stay, and he can come back`() throws {
        var here = try RightsServer.with(["A": .admin, "B": .admin])
        let room = try here.room("O", "plan")
        let message = try here.write("B", .post(room, "bye"))
        try here.write("B", .leave)
        #expect(!here.isMember("B"))
        #expect(here.state.message(message)?.status == .posted)
        #expect(try here.refusal("B", .post(room, "more")) == "notMember")
        #expect(try here.force("B", .post(room, "more")) == "notMember")
        try here.write("A", .grant("B", .member))
        #expect(here.level("B") == .member)
        let again = try here.write("B", .post(room, "back"))
        #expect(here.state.messageIDs == [message, again].sorted())
        #expect(here.disagreements() == [])
    }

    @Test func `S-134 nobody edits what somebody else wrote`() throws {
        var here = try RightsServer.with(["A": .admin, "M": .moderator, "B": .member, "C": .member])
        let room = try here.room("O", "plan")
        let message = try here.write("B", .post(room, "mine"))
        for name in ["O", "A", "M", "C"] {
            #expect(try here.refusal(name, .edit(message, room, "yours")) == "notAuthor")
            #expect(try here.force(name, .edit(message, room, "yours")) == "notAuthor")
        }
        #expect(here.state.message(message)?.status == .posted)
        let edit = try here.write("B", .edit(message, room, "mine again"))
        #expect(here.state.message(message)?.text == edit)
        #expect(here.disagreements() == [])
    }

    @Test func `S-136 a reaction is its author's, and only he takes it back`() throws {
        var here = try RightsServer.with(["B": .member, "C": .member])
        let room = try here.room("O", "plan")
        let message = try here.write("O", .post(room, "hello"))
        let first = try here.write("B", .react(message, room, "x"))
        let second = try here.write("C", .react(message, room, "x"))
        #expect(try here.refusal("C", .unreact(first)) == "notAuthor")
        #expect(try here.force("C", .unreact(first)) == "notAuthor")
        #expect(here.state.reactions(to: message).map(\.id) == [first, second])
        try here.write("B", .unreact(first))
        #expect(here.state.reactions(to: message).map(\.id) == [second])
        #expect(here.state.reactions(to: message).map(\.author) == [RightsServer.peer("C")])
        #expect(here.disagreements() == [])
    }

    @Test func `S-150 a thread is the same after replies apart`() throws {
        var here = try RightsServer.with(["B": .member, "C": .member])
        let room = try here.room("O", "plan")
        let root = try here.write("O", .post(room, "root"))
        var there = here
        let left = try here.write("B", .post(room, "left", parent: root))
        let right = try there.write("C", .post(room, "right", parent: root))
        let deeper = try there.write("C", .post(room, "deeper", parent: right))
        here.meet(&there)
        for server in [here, there] {
            #expect(server.state.message(left)?.parent == root)
            #expect(server.state.message(right)?.parent == root)
            #expect(server.state.message(deeper)?.parent == right)
        }
        #expect(here.hash == there.hash && here.disagreements() == [])
    }
}
