import PeerState
import PeerTesting
import Testing

/// S-030 and S-031: who may do what, every cell, written honestly and forced by a hostile build.
@Suite struct RightsMatrixTests {
    @Test func `S-030 every row of the table has a sign for every actor and no two are alike`() {
        for row in RightsTable.rows {
            let signs = row.signs.filter { $0 != " " }
            #expect(signs.count == RightsCast.actors.count, "\(row.act)")
            #expect(signs.allSatisfy { RightsTable.codes[$0] != nil }, "\(row.act)")
        }
        #expect(Set(RightsTable.rows.map(\.act)).count == RightsTable.rows.count)
        let kinds = Set(RightsTable.rows.compactMap { UInt64($0.act.prefix { $0 != " " }) })
        let known = Set(EventKinds.all.map { $0.kind }).subtracting([ServerCreated.kind])
        #expect(kinds == known)
    }

    @Test func `S-030 an honest build writes exactly what the table allows`() throws {
        var cast = try RightsCast()
        let hash = cast.server.hash
        for row in RightsTable.rows {
            for (column, actor) in RightsCast.actors.enumerated() {
                let expected = RightsTable.code(row.signs, column)
                let act = try cast.act(row.act, by: actor)
                let found = try cast.server.refusal(actor, act)
                #expect(found == expected, "\(row.act) by \(actor)")
            }
        }
        #expect(cast.server.hash == hash)
    }

    @Test func `S-030 a refusal burns no seq and changes nothing`() throws {
        var cast = try RightsCast()
        for row in RightsTable.rows {
            for (column, actor) in RightsCast.actors.enumerated() {
                guard RightsTable.code(row.signs, column) != nil else { continue }
                let act = try cast.act(row.act, by: actor)
                var replica = cast.server.replica
                let place = replica.nextPlace(of: RightsServer.peer(actor))
                let writer = Replica.Writer(
                    key: RightsServer.key(actor), wallMilliseconds: cast.server.wall)
                #expect(throws: Failure<RuleCode>.self, "\(row.act) by \(actor)") {
                    try replica.author(try act.body(), by: writer)
                }
                #expect(replica.nextPlace(of: RightsServer.peer(actor)) == place)
                #expect(replica.state.graph.count == cast.server.state.graph.count)
            }
        }
    }

    @Test func `S-030 S-031 what a hostile build forces meets the same code on two replicas`()
        throws
    {
        var cast = try RightsCast()
        // A second peer that got the same events in another order.
        let second = Self.shuffled(cast.server)
        #expect(StateHash.hash(of: second.state) == cast.server.hash)
        let replicas = [cast.server.replica, second]
        let before = replicas.map { StateHash.sections(of: $0.state) }
        for row in RightsTable.rows {
            for (number, replica) in replicas.enumerated() {
                var refusing = replica
                var kept: UInt64 = 0
                for (column, actor) in RightsCast.actors.enumerated() {
                    let cell = "\(row.act) by \(actor)"
                    let expected = RightsTable.code(row.signs, column)
                    let envelope = try cast.server.forged(actor, try cast.act(row.act, by: actor))
                    if actor == "forked" {
                        try Self.forceForked(envelope, replica, expected, cell)
                    } else if expected == nil {
                        var allowing = replica
                        #expect(Self.force(envelope, into: &allowing) == nil, "\(cell)")
                    } else {
                        #expect(Self.force(envelope, into: &refusing) == expected, "\(cell)")
                        let isKept = refusing.state.graph.contains(envelope.id)
                        #expect(isKept == (expected != "notMember"), "\(cell)")
                        #expect(
                            Self.why(envelope, refusing) == (isKept ? expected : nil), "\(cell)")
                        kept += isKept ? 1 : 0
                    }
                }
                // Nothing to see afterwards but so many more void events.
                let after = StateHash.sections(of: refusing.state)
                #expect(before[number].prefix(14) == after.prefix(14), "\(row.act)")
                #expect(after[14].count == before[number][14].count + kept, "\(row.act)")
            }
        }
    }

    /// The rule that `why` names; `nil` for what is in force or not here.
    private static func why(_ envelope: Envelope, _ replica: Replica) -> String? {
        replica.state.explanation(of: envelope.id)?.outcome.code?.word
    }

    private static func force(_ envelope: Envelope, into replica: inout Replica) -> String? {
        replica.receive(envelope.bytes, wallMilliseconds: RightsServer.receivedAt).word
    }

    /// What a forked author writes counts once somebody else rests on it (PROTOCOL 5.8, F2).
    private static func forceForked(
        _ envelope: Envelope, _ replica: Replica, _ expected: String?, _ cell: String
    ) throws {
        var replica = replica
        _ = force(envelope, into: &replica)
        #expect(replica.state.looseIDs.contains(envelope.id), "\(cell)")
        let owner = Replica.Writer(
            key: RightsServer.key("owner"), wallMilliseconds: RightsServer.receivedAt)
        let answer = try replica.author(Acknowledged(), by: owner)
        let isNamed = answer.contains { $0.event.deps.contains(envelope.id) }
        #expect(isNamed == (expected == nil), "\(cell)")
        let found = replica.state.verdict(on: envelope.id)?.code.word
        #expect(found == expected, "\(cell)")
    }

    private static func shuffled(_ server: RightsServer) -> Replica {
        var random = SeededRandom(seed: 30)
        var replica = Replica(id: server.id)
        for envelope in server.log.prefix(1) + server.log.dropFirst().shuffled(using: &random) {
            _ = replica.receive(envelope.bytes, wallMilliseconds: RightsServer.receivedAt)
        }
        return replica
    }
}
