import PeerState
import PeerTesting
import Testing

/// S-057 and S-058: what limits a grant puts on an agent, and on those below it.
@Suite struct AgentScenarioTests {
    @Test func `S-057 H-063 an agent past each of its limits, honest and forced`() throws {
        var server = try RightsServer.with(["B": .admin])
        let (x, y) = (try server.room("O", "x"), try server.room("O", "y"))
        let end = server.wall + 3_600_000
        let limits = Attenuation(
            channels: [x.channel], kinds: [60, 63], eventsPerMinute: 10, bytesPerDay: 20_000,
            expiryMilliseconds: end)
        try server.write("B", .grant("G", .member, limits))
        let minute = (server.wall / 60_000 + 1) * 60_000
        let message = try server.write("G", .post(x, "1"), at: minute)
        for act: RightsAct in [.post(y, "other"), .pin(message), .delete(message)] {
            var other = server
            #expect(try other.force("G", act) == "attenuated")
            #expect(try server.refusal("G", act) == "attenuated")
        }
        for _ in 2...10 { try server.write("G", .post(x, "n"), at: minute + 1) }
        try Self.expect("overRate", .post(x, "11"), at: minute + 59_999, server)
        try Self.expect(nil, .post(x, "11"), at: minute + 60_000, server)
        let large = String(repeating: "x", count: 15_000)
        try server.write("G", .post(x, large), at: minute + 60_000)
        try Self.expect("overBudget", .post(x, large), at: minute + 60_001, server)
        try Self.expect("expired", .post(x, "late"), at: end + 1, server)
        #expect(server.disagreements() == [])
    }

    /// The same code for an honest build and for one that asks nothing.
    private static func expect(
        _ code: String?, _ act: RightsAct, at wall: UInt64, _ server: RightsServer
    ) throws {
        var (honest, hostile) = (server, server)
        let envelope = try hostile.forged("G", act, wall: wall)
        #expect(hostile.receive(envelope) == code)
        do {
            try honest.write("G", act, at: wall)
            #expect(code == nil)
        } catch let failure as Failure<RuleCode> {
            #expect(failure.code.word == code)
        }
        #expect(hostile.disagreements(orders: 1) == [])
    }

    @Test func `S-058 H-063 depth 0 grants nobody`() throws {
        var server = try RightsServer.with(["B": .admin])
        try server.write("B", .grant("G", .member, Attenuation(delegationDepth: 0, lapse: 1_000)))
        try server.write("B", .permit("G", 7))
        let below = RightsAct.grant("H", .member, Attenuation(lapse: 100))
        #expect(try server.refusal("G", below) == "notDelegated")
        #expect(try server.force("G", below) == "notDelegated")
        #expect(!server.isMember("H"))
    }

    @Test func `S-058 depth 1 makes one agent below, and a kick silences all`() throws {
        var server = try RightsServer.with(["A": .admin, "B": .admin])
        let room = try server.room("O", "plan")
        try server.write("B", .grant("G", .member, Attenuation(delegationDepth: 1, lapse: 1_000)))
        try server.write("B", .permit("G", 7))
        let below = Attenuation(lapse: 100)
        try server.write("G", .grant("H", .member, below))
        let works = try server.write("H", .post(room, "hello"))
        try server.write("B", .permit("H", 7))
        #expect(try server.refusal("H", .grant("I", .member, below)) == "notDelegated")
        #expect(try server.force("H", .grant("I", .member, below)) == "notDelegated")
        var apart = server
        // A pin before the grant of G: G and H act under a void grant.
        try server.write("A", .remove("B", .null))
        #expect(["B", "G", "H"].allSatisfy { !server.isMember($0) })
        #expect(server.verdict(works) == "voidedProof")
        let late = try apart.write("H", .post(room, "late"))
        server.meet(&apart)
        #expect(server.verdict(late) == "voidedProof" && server.disagreements() == [])
    }
}
