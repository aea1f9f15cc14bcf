import PeerNode
import PeerState
import PeerTesting
import Testing

/// What others would refuse is never written: whoever wrote it could write nothing after it.
@Suite struct OwnFormTests {
    @Test(arguments: ["name ", "\u{202e}name", "two\nlines", "", String(repeating: "x", count: 65)])
    func `no event of this node has a form that others refuse`(name: String) throws {
        let server = try RightsServer.with(["B": .member])
        var replica = server.replica
        let writer = Replica.Writer(key: RightsServer.key("B"), wallMilliseconds: server.wall)
        let before = replica.nextPlace(of: RightsServer.peer("B")).seq
        let failure = #expect(throws: Failure<RuleCode>.self) {
            try replica.author(ProfileUpdated(displayName: name), by: writer)
        }
        #expect(failure?.code == .badBody)
        #expect(replica.nextPlace(of: RightsServer.peer("B")).seq == before)
        #expect(try replica.author(ProfileUpdated(displayName: "name"), by: writer).count == 1)
    }

    /// Of what vectors refuse a node writes nothing (docs/decisions/0002).
    @Test func `a topic of two lines is refused, and what comes after it arrives`() throws {
        print("seed 160")
        let mesh = try Mesh(seed: 160, count: 2)
        let (server, channel) = try mesh.gather()
        let change = ChannelAct.setTopic(channel, topic: "one\n\ttwo")
        #expect(refusal { try mesh.act(0, .channel(change, in: server)) } == .badText)
        _ = try mesh.post(0, server, channel, "after it")
        mesh.run(for: .seconds(10))
        #expect(try mesh.texts(1, server, channel) == ["after it"])
    }
}
