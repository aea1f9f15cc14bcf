import PeerNode
import PeerState
import PeerTesting
import Testing

/// The disk does not give what is to be read again (STATUS: readings that stayed open).
@Suite struct FailedReadingTests {
    @Test func `a reading that the disk failed is tried again until it succeeds`() throws {
        let disk = FaultyDisk(seed: 36)
        let fixture = try TextsFixture(disk)
        let lost = try fixture.bobPosts("the first of many")
        for number in 0..<400 {
            _ = try fixture.post("\(number) " + String(repeating: "long ", count: 80))
        }
        let before = try fixture.texts()
        // As where its text came to nothing.
        var batch = StoreBatch()
        batch.texts = [.drop(lost)]
        try fixture.store.commit([batch])
        try fixture.reopen(on: disk)
        try fixture.restart { disk.fail(.read, at: 1, .inputOutput, lasting: true) }
        #expect(fixture.failedReads == 1)
        // Too early, then as bad as before.
        fixture.pass(.seconds(2))
        #expect(fixture.failedReads == 1)
        fixture.pass(.seconds(10))
        #expect(fixture.failedReads == 2)
        #expect(fixture.core.servers[fixture.server]?.rescanFrom != nil)

        disk.failNothing()
        fixture.pass(.seconds(10))
        #expect(fixture.failedReads == 2)
        #expect(fixture.core.servers[fixture.server]?.rescanFrom == nil)
        #expect(try Set(fixture.texts()) == Set(before))
        fixture.pass(.seconds(60))
        #expect(try fixture.texts().count == before.count, "nothing is announced twice")
    }
}
