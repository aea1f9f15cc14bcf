import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Whole nodes that part, stop, crash and meet again (SCENARIOS 11 and 12).
@Suite struct SyncMeshScenarioTests {
    private func links(_ mesh: Mesh, _ node: Int) -> Int {
        mesh.core(node).connectionSnapshot().links.count
    }

    /// What happens to the bytes of the eight while they are apart.
    private final class Weather {
        private var random = SeededRandom(seed: 2_140)
        private var held: [LinkID: [UInt8]] = [:]
        private(set) var lost = 0
        private(set) var doubled = 0
        private(set) var swapped = 0

        /// A fifth is lost, some comes twice, some after what was sent later.
        func strike(_ link: LinkID, _ bytes: [UInt8]) -> [[UInt8]] {
            if let earlier = held.removeValue(forKey: link) { return [bytes, earlier] }
            switch random.next() % 100 {
            case 0..<20:
                lost += 1
                return []
            case 20..<25:
                doubled += 1
                return [bytes, bytes]
            case 25..<30:
                swapped += 1
                held[link] = bytes
                return []
            default: return [bytes]
            }
        }
    }

    /// What is done on both sides, and what was acknowledged.
    private struct Mixed {
        let server: Server.ID
        let channel: Channel.ID
        var own = Array(repeating: [Event.ID](), count: 8)
        var posts = 0
        var deleted = 0
        var acknowledged: [Event.ID] = []
        var kinds: [String: Int] = [:]

        /// Node 0 and node 4, the first of each side, may change channels and roles.
        mutating func act(_ mesh: Mesh, _ node: Int, _ number: Int) throws {
            let action = action(mesh, node, number)
            let outcome = try mesh.act(node, action)
            #expect(outcome.kind == .applied || outcome.kind == .queued, "\(outcome.kind)")
            let id = try #require(outcome.event)
            acknowledged.append(id)
            if case .postMessage = action {
                own[node].append(id)
                posts += 1
            }
        }

        private mutating func action(_ mesh: Mesh, _ node: Int, _ number: Int) -> Action {
            let isAdmin = node % 4 == 0
            func on(_ act: ContentAct, _ message: Event.ID) -> Action {
                .content(act, on: message, in: server, principal: "test")
            }
            let mine = own[node]
            switch (number / 4 % 13, mine.last) {
            case (1, let last?): return on(.edit(text: "edited \(number)"), last)
            case (3, let last?): return on(.react(emoji: "👍"), last)
            case (4, _) where mine.count > 8:
                deleted += 1
                return on(.delete(reason: ""), own[node].remove(at: mine.count - 4))
            case (6, _):
                return .setDisplayName(server: server, name: "name \(node) \(number)")
            case (7, _) where isAdmin:
                return .channel(.setTopic(channel, topic: "topic \(number)"), in: server)
            case (9, _) where isAdmin:
                let plan = ChannelPlan(name: "room \(number)")
                return .channel(.create(plan), in: server)
            case (10, let last?) where isAdmin: return on(.pin, last)
            case (11, _) where isAdmin:
                let role = RightsChange.createRole(name: "role \(number)", permissions: [])
                return .rights(role, in: server, isRehearsal: false)
            default:
                var post = PostMessage(
                    principal: "test", server: server, channel: channel,
                    text: "\(number) of \(node)")
                if number % 5 == 0 { post.parent = mine.first }
                return .postMessage(post)
            }
        }
    }

    /// Two sides of four, and a server in which each has an admin.
    private func parted(seed: UInt64) throws -> (mesh: Mesh, mixed: Mixed) {
        print("seed \(seed)")
        let mesh = try Mesh(
            seed: seed, count: 8,
            conditions: MemoryConditions(medianDelay: 40, slowOneIn: 5, chunkMax: 700))
        let (server, channel) = try mesh.gather()
        let raise = RightsChange.raise(mesh.peerID(4), to: .admin, reason: "")
        _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        mesh.run(for: .seconds(60))
        mesh.partition([[0, 1, 2, 3], [4, 5, 6, 7]])
        return (mesh, Mixed(server: server, channel: channel))
    }

    @Test func `S-214 four and four write apart for five minutes, and all of it is everywhere`()
        throws
    {
        var (mesh, mixed) = try parted(seed: 214)
        let (server, channel) = (mixed.server, mixed.channel)
        let weather = Weather()
        mesh.strike = { weather.strike($0, $1) }
        for number in 0..<500 {
            for side in 0..<2 { try mixed.act(mesh, side * 4 + number % 4, number) }
            mesh.run(for: Milliseconds(600))
        }
        print("lost \(weather.lost), doubled \(weather.doubled), swapped \(weather.swapped)")
        #expect(weather.lost > 100 && weather.doubled > 20 && weather.swapped > 20)
        #expect(mesh.stateHash(0, server) != mesh.stateHash(4, server))
        #expect(mixed.acknowledged.count == 1_000)
        mesh.strike = nil
        mesh.heal()
        // k = 3 + log₂ 8 rounds (I-2), and the transfer.
        mesh.run(for: Milliseconds(6 * Limits.antiEntropyPeriod.count + 30_000))
        let hash = try #require(mesh.stateHash(0, server))
        let shown = try mesh.texts(0, server, channel)
        #expect(shown.count == mixed.posts)
        #expect(shown.count { $0.isEmpty } == mixed.deleted)
        let stored = try Set(mesh.envelopes(0, server))
        for node in 0..<8 {
            #expect(mesh.stateHash(node, server) == hash, "node \(node)")
            #expect(try mesh.texts(node, server, channel) == shown, "node \(node)")
            #expect(try Set(mesh.envelopes(node, server)) == stored, "node \(node)")
            let graph = try #require(mesh.core(node).servers[server]?.state.graph)
            let missing = mixed.acknowledged.filter { !graph.contains($0) }
            #expect(missing.isEmpty, "node \(node) lacks \(missing.count) acknowledged")
        }
    }

    @Test func `S-218 who was away, which both sides saw, gets what passed and no more`() throws {
        print("seed 218")
        let mesh = try Mesh(seed: 218, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        mesh.partition([[0, 1], [2]])
        mesh.run(for: .seconds(60))
        #expect(links(mesh, 2) == 0)
        for node in 0..<2 {
            let peers = mesh.core(node).connectionSnapshot().links.map(\.peer)
            #expect(peers == [mesh.peerID(1 - node)], "node \(node)")
        }
        for number in 0..<30 { _ = try mesh.post(number % 2, server, channel, "\(number)") }
        mesh.run(for: .seconds(30))
        let before = try mesh.envelopes(2, server).count
        #expect(try mesh.texts(2, server, channel).isEmpty)
        mesh.heal()
        mesh.run(for: .seconds(120))
        #expect(try mesh.envelopes(2, server).count == before + 30)
        #expect(try mesh.texts(2, server, channel).sorted() == (0..<30).map { "\($0)" }.sorted())
        try MemoryMeshTests.expectAgreement(mesh, 3, server, channel, texts: 30)
    }

    private func counted(_ mesh: Mesh, _ counter: Counter) -> UInt64 {
        (0..<12).reduce(0) { $0 + mesh.core($1).reachSnapshot().counters[counter] }
    }

    @Test func `S-219 twelve who write fifty each at once show six hundred in one order`() throws {
        print("seed 219")
        let mesh = try Mesh(seed: 219, count: 12)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(120))
        let before = counted(mesh, .eventsDuplicate)
        for number in 0..<50 {
            for node in 0..<12 { _ = try mesh.post(node, server, channel, "\(number) of \(node)") }
            mesh.run(for: Milliseconds(200))
            for node in 0..<12 {
                let slot = try #require(mesh.core(node).servers[server])
                #expect(slot.waitingCount <= Limits.pendingTotal)
                #expect(mesh.core(node).connectionSnapshot().queuedEvents <= 600)
            }
        }
        mesh.run(for: .seconds(180))
        try MemoryMeshTests.expectAgreement(mesh, 12, server, channel, texts: 600)
        for node in 0..<12 { #expect(mesh.core(node).connectionSnapshot().queuedEvents == 0) }
        let flooded = counted(mesh, .eventsDuplicate)
        // One of each event is needed at eleven nodes; a fifth may come beside it.
        let repeats = flooded - before
        #expect(repeats * 5 <= 600 * 11)
        for number in 0..<24 {
            _ = try mesh.post(number * 5 % 12, server, channel, "calm \(number)")
            mesh.run(for: .seconds(2))
        }
        let calm = counted(mesh, .eventsDuplicate) - flooded
        print("\(repeats) of 6600 came again in the flood, \(calm) of 264 in the calm after it")
        #expect(calm * 5 <= 24 * 11)
        try MemoryMeshTests.expectAgreement(mesh, 12, server, channel, texts: 624)
    }

    @Test func `S-221 of two dials that cross one link stays, and nothing is lost`() throws {
        print("seed 221")
        let mesh = try Mesh(seed: 221, count: 2)
        let (server, channel) = try mesh.gather()
        for round in 0..<10 {
            mesh.partition([[0], [1]])
            mesh.run(for: .seconds(5))
            #expect(links(mesh, 0) == 0 && links(mesh, 1) == 0)
            mesh.heal()
            // Each dials before it has heard of the other.
            for node in 0..<2 {
                _ = try mesh.act(
                    node, .addPeer(address: Mesh.address(1 - node), identity: nil))
                _ = try mesh.post(node, server, channel, "\(round) of \(node)")
            }
            mesh.run(for: .seconds(60))
            #expect(links(mesh, 0) == 1 && links(mesh, 1) == 1, "round \(round)")
        }
        try MemoryMeshTests.expectAgreement(mesh, 2, server, channel, texts: 20)
    }

    @Test(arguments: [false, true])
    func `S-234 what is stored and was not sent goes out once after the restart`(
        hasOthers: Bool
    ) throws {
        print("seed 234")
        let mesh = try Mesh(seed: 234, count: 3)
        let (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        for round in 0..<5 {
            try mesh.crashInCommit(
                1, life: UInt64(round) + 1, posting: "kept \(round)", server, channel)
            #expect(try !mesh.texts(0, server, channel).contains("kept \(round)"))
            if hasOthers { _ = try mesh.post(2, server, channel, "meanwhile \(round)") }
            mesh.run(for: .seconds(60))
            let shown = try mesh.texts(0, server, channel)
            #expect(shown.count { $0 == "kept \(round)" } == 1, "round \(round): \(shown)")
        }
        try MemoryMeshTests.expectAgreement(
            mesh, 3, server, channel, texts: hasOthers ? 10 : 5)
    }
}
