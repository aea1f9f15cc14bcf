import PeerState
import PeerTesting
import Testing

/// Events that everybody knows who could remove their author (PROTOCOL 5.10, HOSTILE I-18).
@Suite struct StableTests {
    private static func marks(_ server: RightsServer) throws -> Set<Event.ID> {
        try OracleState(server.log, server: server.id).marks
    }

    /// X wrote something, which O and A know, as Y has seen.
    private static func known(to names: [String]) throws -> (RightsServer, Event.ID) {
        var server = try RightsServer.with(["A": .admin, "X": .member, "Y": .member])
        let written = try server.write("X", .profile("X"))
        for name in names { try server.write(name, .ack) }
        try server.write("Y", .profile("Y"))
        return (server, written)
    }

    @Test func `what all who could remove its author know is kept by whom they remove`() throws {
        let (server, written) = try Self.known(to: ["O", "A"])
        var (here, there) = (server, server)
        try here.write("A", .remove("X", here.cut("X")))
        try there.write("Y", .profile("Y, who does not know that"))
        here.merge(there)
        #expect(try Self.marks(here).contains(written))
        #expect(here.verdict(written) == nil)
    }

    @Test func `what one of them does not know is not stable`() throws {
        var server = try RightsServer.with(["A": .admin, "X": .member, "Y": .member])
        var apart = server
        let written = try server.write("X", .profile("X"))
        try server.write("O", .ack)
        try server.write("Y", .profile("Y"))
        try server.write("Y", .profile("Y, once more"))
        try apart.write("A", .remove("X", apart.cut("X")))
        server.merge(apart)
        #expect(try !Self.marks(server).contains(written))
        #expect(server.verdict(written) == "voidedByRemoval")
    }

    @Test func `a rollback takes back what is stable`() throws {
        let (server, written) = try Self.known(to: ["O", "A"])
        var (here, there) = (server, server)
        try here.write("A", .remove("X", .null))
        try there.write("Y", .profile("Y, who does not know that"))
        here.merge(there)
        #expect(try !Self.marks(here).contains(written))
        #expect(here.verdict(written) == "voidedByRemoval")
    }

    /// A knew nothing of the promotion that made X senior to him.
    @Test func `a removal by who was senior before a promotion counts`() throws {
        var server = try RightsServer.with(["A": .moderator, "X": .member, "Y": .member])
        var apart = server
        try server.write("O", .grant("X", .admin))
        let written = try server.write("X", .profile("X, an admin"))
        try server.write("O", .ack)
        try server.write("Y", .profile("Y"))
        try server.write("Y", .profile("Y, once more"))
        try apart.write("A", .remove("X", apart.cut("X")))
        server.merge(apart)
        #expect(server.verdict(written) == "voidedByRemoval")
        #expect(try !Self.marks(server).contains(written))
    }

    @Test func `a node shows as stable what all know who may remove`() throws {
        var (server, written) = try Self.known(to: ["A"])
        #expect(server.state.acknowledgement(of: written)?.isStable == false)
        try server.write("O", .ack)
        let shown = try #require(server.state.acknowledgement(of: written))
        #expect(shown.isStable)
        #expect(shown.members == Set(["O", "A", "Y"].map(RightsServer.peer)))
        // Y has the right from somebody who knows it, so the mark stays.
        try server.write("O", .grant("Y", .moderator))
        #expect(server.state.acknowledgement(of: written)?.isStable == true)
        let later = try server.write("X", .profile("X, once more"))
        try server.write("O", .ack)
        try server.write("A", .ack)
        #expect(server.state.acknowledgement(of: later)?.isStable == false)
        try server.write("Y", .ack)
        #expect(server.state.acknowledgement(of: later)?.isStable == true)
    }

    @Test func `a node shows the marks that the oracle finds`() throws {
        var (stable, others) = (0, 0)
        for seed in UInt64(1)...60 {
            let history = try HostileHistories.make(seed: seed, size: 40 + Int(seed % 40))
            let oracle = try OracleState(history.envelopes, server: history.server)
            var replica = Replica(id: history.server)
            for envelope in history.envelopes {
                _ = replica.receive(
                    envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
            }
            for (id, verdict) in oracle.verdicts where verdict == .effective {
                let slot = try #require(replica.state.graph.slot(of: id))
                // These fall by rules of their own, too.
                if [4, 11, 12, 13, 33].contains(replica.state.graph.kind(slot)) { continue }
                let shown = replica.state.acknowledgement(of: id)?.isStable
                #expect(shown == oracle.stable.contains(id), "seed \(seed) \(id.short)")
                if shown == true { stable += 1 } else { others += 1 }
            }
        }
        #expect(stable > 100 && others > 100, "\(stable) \(others)")
    }

    /// In whatever the hostile write, with every removal that is accepted in the end.
    @Test func `I-18 nothing that was stable is void by an ordinary removal`() throws {
        var count = 0
        for seed in UInt64(1)...120 {
            let history = try HostileHistories.make(seed: seed, size: 40 + Int(seed % 40))
            let oracle = try OracleState(history.envelopes, server: history.server)
            count += oracle.marks.count
            var replica = Replica(id: history.server)
            for envelope in history.envelopes {
                _ = replica.receive(
                    envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
            }
            for id in oracle.marks {
                #expect(oracle.verdicts[id] != .void("voidedByRemoval"), "seed \(seed)")
                #expect(
                    replica.state.verdict(on: id)?.code != .voidedByRemoval, "seed \(seed)")
            }
        }
        #expect(count > 100, "or they were never in danger")
    }
}
