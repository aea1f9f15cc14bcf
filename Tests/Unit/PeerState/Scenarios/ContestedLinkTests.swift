import PeerState
import PeerTesting
import Testing

/// Links with more admissions than uses, and what rests on those that are one too many.
@Suite struct ContestedLinkTests {
    enum Loss: CaseIterable { case before, link, after, none }

    /// B made an invite for N by CreateInvite alone; then B lost the right, or the link its use.
    @Test(arguments: Loss.allCases)
    func `S-082 an invite whose maker had lost the right is refused by everybody`(
        loss: Loss
    ) throws {
        var base = try RightsServer.with(["A": .admin, "B": .member])
        #expect(try base.refusal("B", .issue("link", uses: 1, recipient: "N")) == "noPermission")
        #expect(try base.force("B", .issue("link", uses: 1, recipient: "N")) == "noPermission")
        try base.write("O", .permit("B", 4))
        let earlier = base.cut("B")
        let link = try base.write("B", .issue("link", uses: 1, recipient: "N"))
        let admit = RightsAct.admit("N", by: link, "link", in: base.id)
        var apart = base
        switch loss {
        case .before: try base.write("O", .revoke("B", 4, earlier))
        case .link: try base.write("O", .revokeLink(link))
        case .after: try base.write("O", .revoke("B", 4, base.cut("B")))
        case .none: break
        }
        let isRefused = loss == .before || loss == .link
        let word = loss == .before ? "unknownLink" : "linkDisabled"
        #expect(try base.refusal("A", admit) == (isRefused ? word : nil))
        let everybody = base
        let admission = try everybody.forged("A", admit)
        for name in ["O", "A", "B"] {
            var server = everybody
            #expect(server.receive(admission) == (isRefused ? word : nil), "at \(name)")
            #expect(server.isMember("N") == !isRefused)
        }
        // Somebody admits N without having heard of it.
        try apart.write("A", admit)
        apart.merge(base)
        #expect(apart.isMember("N") == !isRefused)
        #expect(apart.disagreements() == [])
    }

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
