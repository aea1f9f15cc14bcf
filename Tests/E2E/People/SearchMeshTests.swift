import PeerNode
import PeerState
import PeerTesting
import Testing

/// The search index of whole nodes beside a scan of what they show (S-166).
@Suite struct SearchMeshTests {
    private static let vocabulary = ["ant", "bee", "cat", "dog", "eel", "fox", "lost", "late"]

    /// A server of three, a fourth node outside, and a second channel.
    private struct Room {
        let mesh: Mesh
        let server: Server.ID
        let channels: [Channel.ID]
        var random: SeededRandom
        /// Messages of each node that nobody deleted, as it knows.
        var own: [[Event.ID]] = [[], [], []]

        init(seed: UInt64) throws {
            mesh = try Mesh(seed: seed, count: 4)
            random = SeededRandom(seed: seed)
            let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
            server = try #require(created.server)
            let plan = ChannelAct.create(ChannelPlan(name: "second"))
            let second = try mesh.act(0, .channel(plan, in: server))
            channels = [try #require(created.channel), try #require(second.channel)]
            for node in 1...2 { try join(node) }
            mesh.run(for: .seconds(60))
        }

        func invitation(_ node: Int) throws -> Action {
            let invite = try mesh.act(
                0,
                .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
            return .acceptInvite(code: invite.inviteCode ?? "")
        }

        func join(_ node: Int) throws { _ = try mesh.act(node, try invitation(node)) }

        mutating func text() -> String {
            (0..<3).compactMap { _ in vocabulary.prefix(6).randomElement(using: &random) }
                .joined(separator: " ")
        }

        func content(_ node: Int, _ act: ContentAct, on message: Event.ID) throws {
            _ = try mesh.act(node, .content(act, on: message, in: server, principal: "test"))
        }

        mutating func act(_ node: Int) throws {
            let picked = own[node].indices.randomElement(using: &random)
            switch (Int.random(in: 0..<6, using: &random), picked) {
            case (0, let index?), (1, let index?):
                try content(node, .edit(text: text()), on: own[node][index])
            case (2, let index?):
                try content(node, .delete(reason: ""), on: own[node].remove(at: index))
            default:
                let channel = Bool.random(using: &random) ? channels[0] : channels[1]
                if let id = try mesh.post(node, server, channel, text()).event {
                    own[node].append(id)
                }
            }
        }

        /// What the index finds is what a scan of every page finds, on each of these nodes.
        ///
        /// - Returns: how many hits there were in all.
        @discardableResult
        func expectScan(_ nodes: [Int], _ moment: String) throws -> Int {
            var hits = 0
            for node in nodes {
                for channel in channels {
                    let texts = try mesh.texts(node, server, channel)
                    for word in vocabulary {
                        let scanned = texts.filter { text in
                            text.split(separator: " ").contains { $0 == word }
                        }
                        let found = try mesh.found(node, server, channel, word: word)
                        #expect(found.count == scanned.count, "\(moment), node \(node), \(word)")
                        #expect(Set(found).count == found.count)
                        hits += found.count
                    }
                }
                #expect(try mesh.indexDamage(node) == [], "\(moment), node \(node)")
            }
            return hits
        }
    }

    @Test func `S-166 the index equals a full scan after all that takes, gives and brings texts`()
        throws
    {
        print("seed 166")
        var room = try Room(seed: 166)
        let (mesh, server) = (room.mesh, room.server)
        for number in 0..<90 {
            try room.act(number % 3)
            if number % 10 == 9 { mesh.run(for: .seconds(2)) }
        }
        mesh.run(for: .seconds(60))
        #expect(try room.expectScan([0, 1, 2], "after edits and deletes") > 100)

        // What node 2 says while node 0 removes it has no effect; node 1 had found it by then.
        mesh.partition([[0], [1, 2]])
        mesh.run(for: .seconds(30))
        for _ in 0..<4 { _ = try mesh.post(2, server, room.channels[0], "lost cat") }
        mesh.run(for: .seconds(30))
        #expect(try mesh.found(1, server, room.channels[0], word: "lost").count == 4)
        try room.expectScan([1, 2], "apart")
        let kick = RightsChange.kick(mesh.peerID(2), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        mesh.heal()
        mesh.run(for: .seconds(180))
        for node in 0...1 {
            #expect(try mesh.found(node, server, room.channels[0], word: "lost") == [])
        }
        #expect(try room.expectScan([0, 1], "after voids") > 60)

        // A newcomer has the events before the keys.
        for _ in 0..<3 { _ = try mesh.post(1, server, room.channels[0], "late dog") }
        mesh.run(for: .seconds(30))
        mesh.begin(3, try room.invitation(3))
        while (mesh.core(3).servers[server]?.state.messageCount ?? 0) == 0, mesh.step() {}
        #expect(try mesh.found(3, server, room.channels[0], word: "late") == [])
        mesh.run(for: .seconds(90))
        #expect(try mesh.found(3, server, room.channels[0], word: "late").count == 3)
        try room.expectScan([0, 1, 3], "after late keys")

        _ = try mesh.act(0, .channel(.delete(room.channels[1]), in: server))
        mesh.run(for: .seconds(60))
        let rest = try room.expectScan([0, 1, 3], "after a channel's end")
        #expect(try mesh.texts(1, server, room.channels[1]) == [])

        mesh.writeCheckpoints(1)
        for node in [0, 1, 3] { try mesh.crash(node, life: 1) }
        mesh.run(for: .seconds(60))
        #expect(try room.expectScan([0, 1, 3], "after the restart") == rest && rest > 40)
    }
}
