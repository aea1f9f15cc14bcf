import PeerState
import PeerTesting
import Testing

/// S-001 and S-002: one set of everything a server knows, by whatever way it is folded.
@Suite struct ConvergenceScenarioTests {
    private static let people: KeyValuePairs<String, Level> = [
        "A": .admin, "B": .admin, "C": .moderator, "D": .member, "E": .member, "F": .member,
        "G": .member,
    ]

    /// More than 200 events of eight authors: messages, edits, renames, grants, removals, a vote,
    /// rotations and two forks.
    private static func history() throws -> RightsServer {
        var server = try RightsServer.with(people)
        var room = try server.room("O", "plan")
        var messages: [Event.ID] = []
        for round in 0..<18 {
            for name in ["O", "A", "B", "C", "D", "E", "F"] {
                messages.append(try server.write(name, .post(room, "\(name) \(round)")))
            }
            let last = messages[messages.count - 1]
            try server.write("F", .edit(last, room, "better \(round)"))
            try server.write("D", .react(last, room, "x"))
            try server.write("A", .renameChannel(room, "plan \(round)"))
            if round.isMultiple(of: 6) {
                try server.write("C", .pin(messages[messages.count - 3]))
                try server.write("C", .delete(messages[messages.count - 2]))
                room = RightsRoom(
                    channel: room.channel, epoch: try server.rotate("B", room.channel))
            }
        }
        let role = try server.write("O", .role("keeper", [.managePins]))
        try server.write("A", .assign("D", role))
        try server.write("A", .permit("E", 4))
        try server.write("G", .post(room, "what G said"))
        try server.write("A", .remove("G", server.cut("G")))
        try server.write("O", .grant("G", .member))
        try vote(&server)
        try server.fork("E", .post(room, "left"), .post(room, "right"))
        try server.fork("F", .react(messages[0], room, "l"), .react(messages[0], room, "r"))
        try server.write("O", .ack)
        try server.write("B", .suspend("D", server.cut("D")))
        try server.write("O", .describe("after all that"))
        return server
    }

    private static func vote(_ server: inout RightsServer) throws {
        let raise = VoteAction.raise(RightsServer.peer("C"), to: .admin)
        let proposal = try server.propose("A", raise)
        let ballot = try server.write("B", .ballot(proposal))
        try server.write("O", .enact(proposal, [proposal, ballot]))
    }

    @Test func `S-001 any order with duplicates gives one state, each signature checked once`()
        throws
    {
        let server = try Self.history()
        let log = server.log
        #expect(log.count >= 200)
        let authors = Set(try log.map { try Event(decoding: $0, for: server.id).author })
        #expect(authors.count == 8)
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var order = log + log.shuffled(using: &random).prefix(60)
            order.shuffle(using: &random)
            var fresh = Replica(id: server.id)
            var checked = 0
            for envelope in order {
                guard case .success(let known) = fresh.screen(envelope.bytes) else { continue }
                let event = try Replica.examine(known, for: server.id)
                checked += 1
                _ = fresh.insert(
                    event, known, source: nil, wallMilliseconds: RightsServer.receivedAt)
            }
            #expect(checked == log.count, "seed \(seed)")
            #expect(fresh.pending.count == 0, "seed \(seed)")
            #expect(StateHash.hash(of: fresh.state) == server.hash, "seed \(seed)")
        }
    }

    @Test func `S-002 from checkpoints and a tail, and read again, it is the same to every view`()
        throws
    {
        let server = try Self.history()
        let log = server.log
        for number in 1...10 {
            let cut = log.count * number / 10
            var grown = Replica(id: server.id)
            for envelope in log[..<cut] {
                _ = grown.receive(envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
            }
            var disk = SnapshotRoundTrip(log)
            disk.write(&grown)
            var restored = try disk.read()
            for envelope in log[cut...] {
                _ = restored.receive(envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
            }
            expectSame(restored.state, server.state, "cut \(cut)")
            // Written with its tail, and read once more.
            var again = SnapshotRoundTrip(log)
            again.write(&restored)
            expectSame(try again.read().state, server.state, "cut \(cut), read again")
        }
    }

    /// Everything a view is made of, by value.
    private func expectSame(_ left: ServerState, _ right: ServerState, _ place: String) {
        #expect(StateHash.hash(of: left) == StateHash.hash(of: right), "\(place)")
        #expect(left.name == right.name && left.description == right.description, "\(place)")
        #expect(left.holdingChannels == right.holdingChannels, "\(place)")
        #expect(left.roleInfos == right.roleInfos, "\(place)")
        #expect(left.proposalInfos.map(\.id) == right.proposalInfos.map(\.id), "\(place)")
        #expect(left.proposalInfos.map(\.status) == right.proposalInfos.map(\.status), "\(place)")
        #expect(left.members(at: left.now) == right.members(at: right.now), "\(place)")
        #expect(left.messageIDs == right.messageIDs, "\(place)")
        for id in left.messageIDs {
            #expect(left.message(id) == right.message(id), "\(place), \(id)")
            let reactions = [left, right].map { $0.reactions(to: id).map(\.id) }
            #expect(reactions[0] == reactions[1], "\(place), \(id)")
        }
        for channel in left.holdingChannels {
            #expect(left.pins(of: channel.id) == right.pins(of: channel.id), "\(place)")
            #expect(
                left.sendingEpoch(of: channel.id)?.id == right.sendingEpoch(of: channel.id)?.id,
                "\(place)")
        }
    }
}
