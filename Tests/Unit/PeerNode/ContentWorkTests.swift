import PeerNode
import PeerState
import Testing

/// What acts on messages cost, in counted work, where there are many of them already.
@Suite struct ContentWorkTests {
    private static func act(
        _ fixture: TextsFixture, _ act: ContentAct, _ id: Event.ID
    ) throws -> Event.ID {
        let outcome = try fixture.act(
            .content(act, on: id, in: fixture.server, principal: "agent"))
        return try #require(outcome.event)
    }

    @Test(.enabled(if: Cost.isCounted))
    func `the three hundredth edit of a message costs what the second did`() throws {
        let fixture = try TextsFixture()
        let id = try fixture.post("as it was")
        func edit(_ number: Int) throws -> Int {
            try Cost.counting { try Self.act(fixture, .edit(text: "edit \(number)"), id) }
                .cost.candidates
        }
        _ = try edit(1)
        let second = try edit(2)
        for number in 3..<300 { _ = try edit(number) }
        let last = try edit(300)
        #expect(second > 0 && last == second, "\(second), then \(last)")
        #expect(try fixture.texts() == ["edit 300"])
    }

    @Test(.enabled(if: Cost.isCounted))
    func `why a pin or a reaction holds is answered without looking at the others`() throws {
        let fixture = try TextsFixture()
        var last: [Event.ID] = []
        for number in 0..<30 {
            let id = try fixture.post("message \(number)")
            last = [
                try Self.act(fixture, .pin, id), try Self.act(fixture, .react(emoji: "👍"), id),
            ]
        }
        let state = try #require(fixture.core.servers[fixture.server]?.state)
        for id in last {
            let (found, cost) = Cost.counting { state.explanation(of: id) }
            #expect(found?.outcome == .effective)
            // Its own message alone: whether it was deleted needs no candidates.
            #expect(cost.candidates == 0, "\(cost.candidates)")
        }
    }
}
