import PeerState
import Testing

/// S-162: what counts as unread, exactly.
@Suite struct UnreadTests {
    private func counts(_ fixture: ViewsFixture, _ principal: String = "me") throws -> [Int] {
        let found = try fixture.core.unread(in: Made.server, by: principal)
        return found.flatMap { [$0.unread, $0.mentions] }
    }

    @Test func `S-162 own, deleted, edited and historic messages count as they should`() throws {
        let fixture = try ViewsFixture()
        var ids: [Event.ID] = []
        for number in 0..<5 { ids.append(try fixture.post("b \(number)", by: ViewsFixture.bob)) }
        try fixture.post("own", by: Made.owner, flags: .local)
        try fixture.post("own too", by: Made.owner, flags: .local, principal: "me")
        try fixture.edit(ids[1], "edited")
        try fixture.remove(ids[2])
        try fixture.post("old", flags: .uncounted)
        #expect(try counts(fixture) == [4, 0])
        #expect(try counts(fixture, "another token") == [5, 0])

        try fixture.mark(ids[1])
        #expect(try counts(fixture) == [2, 0])
        let first = try fixture.core.firstUnread(of: Made.channel, in: Made.server, by: "me")
        #expect(first?.id == ids[3])
        try fixture.edit(ids[4], "@me", flags: .mention)
        #expect(try counts(fixture) == [2, 1])
        try fixture.mark(ids[4])
        #expect(try counts(fixture).isEmpty)
        #expect(try counts(fixture, "another token") == [5, 1])
    }

    @Test func `S-162 what comes late, before the mark, is unread; what was read stays read`()
        throws
    {
        let fixture = try ViewsFixture()
        for lamport in UInt64(10)..<20 { try fixture.post("m", lamport: lamport) }
        let middle = try fixture.page(.oldest).messages[4]
        try fixture.mark(middle.id)
        #expect(try counts(fixture) == [5, 0])
        let late = try fixture.post("late", by: ViewsFixture.bob, flags: .mention, lamport: 3)
        #expect(try counts(fixture) == [6, 1])
        let unread = try fixture.core.unreadMessages(
            of: Made.channel, in: Made.server, by: "me", limit: 3)
        #expect(unread.map(\.position.lamport) == [3, 15, 16])
        #expect(unread.first?.id == late)
        try fixture.mark(middle.id)
        #expect(try counts(fixture) == [5, 0])
    }

    @Test func `a mark without an order counts by arrival`() throws {
        let fixture = try ViewsFixture()
        for lamport in [UInt64(10), 4, 11, 2] { try fixture.post("m", lamport: lamport) }
        var batch = StoreBatch()
        batch.marks = [
            MarkRow(principal: "me", server: Made.server, channel: Made.channel, position: 2)
        ]
        try fixture.core.commit([batch])
        #expect(try counts(fixture) == [2, 0])
        let unread = try fixture.core.unreadMessages(
            of: Made.channel, in: Made.server, by: "me", limit: 9)
        #expect(unread.map(\.feed) == [3, 4])
    }

    /// What was counted before is kept; nothing that happens between may make it wrong.
    @Test(arguments: [UInt64(11), 12, 13, 14, 15, 16])
    func `S-162 counts asked for after every act equal those of a full scan`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fixture = try ViewsFixture()
        var ids: [Event.ID] = []
        var marks: [String: (order: OrderKey?, feed: UInt64)] = [:]
        for step in 0..<150 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0 where !ids.isEmpty: try fixture.remove(ids.pick(&random))
            case 1 where !ids.isEmpty: try fixture.drop(ids.remove(at: ids.count / 2))
            case 2 where !ids.isEmpty:
                try fixture.edit(
                    ids.pick(&random), "@", flags: Bool.random(using: &random) ? .mention : [])
            case 3:
                marks["you"] = (nil, fixture.feed)
                var batch = StoreBatch()
                batch.marks = [
                    MarkRow(
                        principal: "you", server: Made.server, channel: Made.channel,
                        position: fixture.feed)
                ]
                try fixture.core.commit([batch])
            case 4 where !ids.isEmpty:
                let picked = ids.pick(&random)
                guard let message = try fixture.core.message(picked) else { break }
                marks["me"] = (message.position, fixture.feed)
                try fixture.mark(picked)
            default:
                let flags: [TextFlags] = [.local, .mention, [], .uncounted]
                ids.append(
                    try fixture.post(
                        "\(step)", flags: flags.pick(&random),
                        lamport: UInt64.random(in: 1...60, using: &random),
                        principal: ["me", "you", nil].pick(&random)))
            }
            for principal in ["me", "you"] {
                let all = try fixture.page(.oldest, limit: 1_000).messages
                let unread = all.filter { $0.isUnread(by: principal, marks[principal]) }
                let found = try fixture.core.unread(
                    of: Made.channel, in: Made.server, by: principal)
                #expect(found.unread == unread.count, "seed \(seed), step \(step), \(principal)")
                #expect(found.mentions == unread.count { $0.flags.contains(.mention) })
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `S-162 counts equal those of a full scan over random acts`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fixture = try ViewsFixture()
        var ids: [Event.ID] = []
        var mark: (order: OrderKey, feed: UInt64)?
        for step in 0..<200 {
            let isMine = Int.random(in: 0..<4, using: &random) == 0
            let flags: TextFlags =
                isMine ? .local : Int.random(in: 0..<3, using: &random) == 0 ? .mention : []
            ids.append(
                try fixture.post(
                    "\(step)", by: isMine ? Made.owner : ViewsFixture.bob, flags: flags,
                    lamport: UInt64.random(in: 1...60, using: &random)))
            let picked = ids[Int.random(in: 0..<ids.count, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try fixture.remove(picked)
            case 1:
                guard let message = try fixture.core.message(picked) else { break }
                mark = (message.position, fixture.feed)
                try fixture.mark(picked)
            default: break
            }
            guard step.isMultiple(of: 10) else { continue }
            let all = try fixture.page(.oldest, limit: 1_000).messages
            let unread = all.filter { message in
                guard message.flags.isDisjoint(with: [.local, .deleted]) else { return false }
                guard let mark else { return true }
                return message.position > mark.order || message.feed > mark.feed
            }
            let found = try fixture.core.unread(of: Made.channel, in: Made.server, by: "me")
            #expect(found.unread == unread.count, "seed \(seed), step \(step)")
            #expect(found.mentions == unread.count { $0.flags.contains(.mention) })
            let listed = try fixture.core.unreadMessages(
                of: Made.channel, in: Made.server, by: "me", limit: 500)
            #expect(mark == nil || listed == unread)
        }
    }
}

extension StoredMessage {
    /// Said once more, without an index.
    fileprivate func isUnread(
        by reader: String, _ mark: (order: OrderKey?, feed: UInt64)?
    ) -> Bool {
        guard flags.isDisjoint(with: [.deleted, .uncounted]) else { return false }
        if flags.contains(.local) && (principal == nil || principal == reader) { return false }
        guard let mark else { return true }
        guard let order = mark.order else { return feed > mark.feed }
        return position > order || (flags.contains(.late) && feed > mark.feed)
    }
}

extension Array {
    fileprivate func pick(_ random: inout SeededRandom) -> Element {
        self[Int.random(in: indices, using: &random)]
    }
}
