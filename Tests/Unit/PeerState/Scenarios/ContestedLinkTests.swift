import PeerState
import PeerTesting
import Testing

/// Links with more admissions than uses, and what rests on those that are one too many.
@Suite struct ContestedLinkTests {
    /// N came by a link that O had used up elsewhere, and left; R granted N apart from both. Who
    /// does not know of O's use has to believe that N left; who does knows that N never came by it,
    /// so that the leave is void and the grant holds. Both know the same lowerings: the leave.
    @Test func `the admissions that a past knows decide what its lowerings amount to`() throws {
        var base = try RightsServer.with(["A": .admin, "R": .admin, "Q": .member])
        try base.write("O", .permit("Q", 1))
        let link = try base.write("O", .issue("link", uses: 1))
        var came = base
        try came.write("A", .admit("N", by: link, "link", in: base.id))
        try came.write("N", .leave)
        var used = base
        try used.write("O", .admit("X", by: link, "link", in: base.id))
        var granted = base
        try granted.write("R", .grant("N", .member))

        var knowsLess = came
        knowsLess.merge(granted)
        #expect(knowsLess.state.standing(of: RightsServer.peer("N")) == nil)
        var knowsAll = knowsLess
        knowsAll.merge(used)
        #expect(knowsAll.state.standing(of: RightsServer.peer("N")) != nil)
        let all = knowsAll
        try knowsLess.write("Q", .channel("by Q, who does not know that the link was used up"))
        let first = try #require(knowsLess.log.last)
        try knowsAll.write("N", .profile("N, who does"))
        let second = try #require(knowsAll.log.last)

        var ends: [RightsServer] = []
        for order in [[first, second], [second, first]] {
            var server = all
            for envelope in order { #expect(server.receive(envelope) == nil) }
            #expect(server.disagreements() == [])
            ends.append(server)
        }
        #expect(ends[0].hash == ends[1].hash)
    }
}
