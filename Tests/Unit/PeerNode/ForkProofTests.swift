import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// When the two events that prove a fork are read for others (PROTOCOL 5.8, F1).
@Suite struct ForkProofTests {
    @Test func `a proof is read again when the store held one of its events alone`() throws {
        let fixture = try TextsFixture()
        let twins = try ["one", "two"].map { name in
            try fixture.write(ProfileUpdated(displayName: name), by: fixture.bob, hands: false)
        }
        #expect(twins[0].event.seq == twins[1].event.seq && twins[0].event.id != twins[1].event.id)
        fixture.hand([twins[0]])
        // State knows both when the first of two batches is stored; the second holds the other.
        fixture.holdBatches()
        _ = try fixture.write(ProfileUpdated(displayName: "alice again"))
        fixture.hand([twins[1]])
        fixture.releaseBatches()
        #expect(fixture.pagesRead.map(\.envelopes.count) == [1, 2])
        #expect(fixture.notices.filter { $0.kind == .forkDetected }.count <= 1)
        fixture.hand([try fixture.write(ProfileUpdated(displayName: "more"), hands: false)])
        #expect(fixture.pagesRead.count == 2, "once it was read nobody reads it again")
    }
}
