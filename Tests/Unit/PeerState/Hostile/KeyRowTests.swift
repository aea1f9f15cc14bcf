import PeerState
import PeerTesting
import Testing

/// HOSTILE "Keys" as far as events alone decide: rotations, epochs and prekeys.
@Suite struct KeyRowTests {
    /// Owner and three readers who have a prekey each.
    private static func cast() throws -> (server: RightsServer, room: RightsRoom) {
        var server = try RightsServer.with(["A": .member, "B": .member, "C": .member])
        for (number, name) in ["O", "A", "B", "C"].enumerated() {
            try server.write(name, .prekey(UInt8(number + 1)))
        }
        let room = try server.room("O", "plan")
        return (server, room)
    }

    private static func draft(
        _ server: inout RightsServer, _ room: RightsRoom, by name: String
    ) throws -> KeyRotated {
        let draft = Rotation.draft(
            channel: room.channel, author: RightsServer.peer(name), state: server.state,
            keys: KeyRing(), &server.entropy)
        return try #require(draft.parts.first)
    }

    private static func readers(_ server: RightsServer, _ room: RightsRoom) -> [Peer.ID] {
        server.state.sealableReaders(of: room.channel, at: server.state.now).map(\.peer)
    }

    /// Expects a code and that nobody tried to open anything.
    private static func expectRefused(
        _ server: inout RightsServer, _ name: String, _ body: KeyRotated, _ code: String
    ) throws {
        let envelope = try server.forged(name, RightsAct(body))
        let (_, cost) = Cost.counting { server.expectRefused(envelope, code) }
        #expect(cost.openings == 0)
    }

    @Test func `H-090 more boxes than readers, and a digest of others`() throws {
        var (server, room) = try Self.cast()
        let good = try Self.draft(&server, room, by: "A")
        var more = good
        more.boxes.append([UInt8](repeating: 9, count: KeyRotated.boxByteCount))
        try Self.expectRefused(&server, "A", more, "extraReader")
        var others = good
        let people = Self.readers(server, room)
        for readers in [people + [RightsServer.peer("Z")], Array(people.dropLast()), []] {
            others.readersDigest = ChannelCrypto.readersDigest(readers)
            try Self.expectRefused(&server, "A", others, "extraReader")
        }
        #expect(server.state.sendingEpoch(of: room.channel)?.id == Epoch.ID(room.epoch))
        #expect(server.disagreements() == [])
    }

    @Test func `H-090 a member left out makes no candidate, fewer boxes no rotation`() throws {
        var (server, room) = try Self.cast()
        let good = try Self.draft(&server, room, by: "A")
        var fewer = good
        fewer.boxes.removeLast()
        try Self.expectRefused(&server, "A", fewer, "badBody")
        var partial = good
        partial.boxes[1] = KeyRotated.emptyBox
        let people = Self.readers(server, room)
        partial.readersDigest = ChannelCrypto.readersDigest(
            people.enumerated().filter { $0.offset != 1 }.map(\.element))
        #expect(try server.force("A", RightsAct(partial)) == nil, "it stands")
        #expect(server.state.newestEpoch(of: room.channel)?.id != Epoch.ID(room.epoch))
        #expect(server.state.sendingEpoch(of: room.channel)?.id == Epoch.ID(room.epoch))
        #expect(server.disagreements() == [])
    }

    @Test func `H-090 385 boxes in a part, a part without its prev, parts that differ`() throws {
        var (server, room) = try Self.cast()
        let good = try Self.draft(&server, room, by: "A")
        var crowded = good
        crowded.boxes = [[UInt8]](
            repeating: [UInt8](repeating: 1, count: KeyRotated.boxByteCount),
            count: Limits.boxesPerPart + 1)
        var writer = CBORWriter()
        crowded.write(to: &writer)
        let failure = #expect(throws: Failure<WireCode>.self) {
            try EventKinds.decode(kind: KeyRotated.kind, body: writer.bytes)
        }
        #expect(failure?.code == .badBody)
        // The second part of two, whose first one is nowhere.
        var second = good
        (second.part, second.parts) = (1, 2)
        let alone = try server.forged("A", RightsAct(second), deps: [])
        server.expectRefused(alone, "badBody")
        // And one that says something else than its first part.
        var first = good
        (first.parts, first.boxes) = (2, Array(good.boxes.prefix(2)))
        #expect(try server.force("A", RightsAct(first)) == nil)
        second.boxes = Array(good.boxes.dropFirst(2))
        second.salt = [UInt8](repeating: 8, count: 32)
        let other = try server.forged("A", RightsAct(second), deps: [])
        server.expectRefused(other, "badBody")
        #expect(server.state.sendingEpoch(of: room.channel)?.id == Epoch.ID(room.epoch))
        #expect(server.disagreements() == [])
    }

    @Test func `H-090 each opens his own box, however alike the keys are`() throws {
        var crowd = try KeyCrowd(300)
        let draft = crowd.draft()
        let prefixes = Set(crowd.members.map { $0.publicKey.bytes[0] })
        #expect(prefixes.count < 300, "many begin alike")
        let (keys, cost) = Cost.counting { crowd.members.indices.map { crowd.opens($0, draft) } }
        let key = draft.key.copy()
        #expect(keys.allSatisfy { $0 == key })
        #expect(cost.openings <= 300, "one each")
    }

    @Test func `H-092 epoch parents that are unknown, not the deepest, or a thousand`() throws {
        var (server, room) = try Self.cast()
        let second = try server.rotate("O", room.channel)
        var body = try Self.draft(&server, room, by: "A")
        #expect(body.parents == [Epoch.ID(second)])
        for parents in [[Epoch.ID(room.epoch)], [], [Epoch.ID(room.epoch), Epoch.ID(second)]] {
            body.parents = parents.sorted()
            body.prevBoxes = parents.map { _ in
                [UInt8](repeating: 0, count: KeyRotated.prevBoxByteCount)
            }
            try Self.expectRefused(&server, "A", body, "unknownTarget")
        }
        body.parents = [Epoch.ID(RightsServer.peer("nobody"))]
        body.prevBoxes = [[UInt8](repeating: 0, count: KeyRotated.prevBoxByteCount)]
        try Self.expectRefused(&server, "A", body, "missingDeps")
        #expect(server.replica.pending.count == 1)
        body.parents = (0..<1_000).map { Epoch.ID(RightsServer.peer("P\($0)")) }.sorted()
        var writer = CBORWriter()
        body.write(to: &writer)
        let failure = #expect(throws: Failure<WireCode>.self) {
            try EventKinds.decode(kind: KeyRotated.kind, body: writer.bytes)
        }
        #expect(failure?.code == .badBody)
        #expect(server.disagreements() == [])
    }

    @Test func `H-095 a message under an epoch that nobody has, and under what is none`() throws {
        var (server, room) = try Self.cast()
        let nowhere = RightsRoom(
            channel: room.channel, epoch: Event.ID(RightsServer.peer("nobody")))
        server.expectRefused(try server.forged("A", .post(nowhere, "x")), "missingDeps")
        let other = try server.room("O", "other")
        let message = try server.write("A", .post(room, "x"))
        for epoch in [message, Event.ID(room.channel), other.epoch, Event.ID(server.id)] {
            let wrong = RightsRoom(channel: room.channel, epoch: epoch)
            try server.expectRefused("B", .post(wrong, "x"), "unknownEpoch")
        }
        // A flood of them waits as far as an author may.
        var template = Forgery(
            next: server.replica, by: RightsServer.key("C"), kind: MessagePosted.kind, [])
        let body = try RightsAct.post(nowhere, "y").body()
        var writer = CBORWriter()
        body.write(to: &writer)
        template[.body] = try CBORValue(decoding: writer.bytes)
        guard case .unsigned(let first) = template[.seq] else { return }
        let before = server.visible
        for number in 0..<UInt64(Limits.pendingPerAuthor + 10) {
            template[.wall] = .unsigned(number)
            template[.seq] = .unsigned(first)
            let word = server.receive(try Envelope(decoding: template.envelope))
            #expect(word == "missingDeps" || word == "missingPrev")
        }
        let count = server.replica.pending.count(of: RightsServer.peer("C"))
        #expect(count == Limits.pendingPerAuthor)
        #expect(server.visible == before)
    }

    @Test func `H-096 a prekey of low order, of 31 bytes, of none`() throws {
        var (server, _) = try Self.cast()
        let points = HandshakeRowTests.lowOrder + [[UInt8](repeating: 5, count: 31), []]
        for point in points {
            var event = Forgery(
                next: server.replica, by: RightsServer.key("A"), kind: PrekeyPublished.kind,
                [.bytes(point)])
            event[.proof] = .null
            // Worthless signatures get the same code: nothing was checked.
            let unsigned = Forgery.envelope(
                event.payload, signature: [UInt8](repeating: 0, count: 64))
            server.expectDropped(try Envelope(decoding: unsigned), "badBody", checks: 0)
        }
        #expect(server.disagreements() == [])
    }

    @Test func `H-096 of many prekeys the highest seq counts`() throws {
        var (server, room) = try Self.cast()
        let first = try Self.draft(&server, room, by: "O").boxes.count
        for number in 0..<300 { try server.write("A", .prekey(UInt8(number % 200 + 5))) }
        let last = ExchangeKey(secret: [UInt8](repeating: UInt8(299 % 200 + 5), count: 32))
        #expect(server.state.currentPrekey(of: RightsServer.peer("A")) == last.publicKey)
        #expect(try Self.draft(&server, room, by: "O").boxes.count == first)
        #expect(server.visible[11].count == 4, "one row for each member")
        #expect(server.disagreements(orders: 1) == [])
    }
}
