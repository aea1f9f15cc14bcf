import PeerNode
import PeerState
import PeerTesting
import Testing

/// Which messages a start reads again, as they may not be shown.
@Suite struct RereadingTests {
    private func talk(_ mesh: Mesh) throws -> (server: Server.ID, channel: Channel.ID) {
        let place = try mesh.gather()
        for number in 0..<5 {
            _ = try mesh.act(
                number % 2,
                .postMessage(
                    PostMessage(
                        principal: "test", server: place.server, channel: place.channel,
                        text: "word \(number)")))
        }
        mesh.run(for: .seconds(5))
        return place
    }

    @Test func `what was shown is not read again at a start, by founders and by who joined`() throws
    {
        let mesh = try Mesh(seed: 1, count: 2)
        _ = try talk(mesh)
        for node in 0..<2 {
            mesh.writeCheckpoints(node)
            #expect(try mesh.rereads(node) == [nil])
        }
    }

    @Test func `without a checkpoint all is read again once, and the next start knows`() throws {
        let mesh = try Mesh(seed: 2, count: 2)
        _ = try talk(mesh)
        #expect(try mesh.rereads(1) == [0])
        try mesh.crash(1, life: 1)
        mesh.run(for: .seconds(5))
        mesh.writeCheckpoints(1)
        #expect(try mesh.rereads(1) == [nil])
    }

    @Test func `a checkpoint of before the reading is written again after it`() throws {
        let mesh = try Mesh(seed: 3, count: 2)
        let place = try talk(mesh)
        mesh.writeCheckpoints(1)
        // One more, and a crash: it follows the checkpoint, and is read again from there.
        _ = try mesh.act(
            0,
            .postMessage(
                PostMessage(
                    principal: "test", server: place.server, channel: place.channel,
                    text: "the last")))
        mesh.run(for: .seconds(5))
        try mesh.crash(1, life: 1) { mesh.writeCheckpoints(1) }
        let during = try #require(try mesh.rereads(1).first)
        #expect(during != nil)
        mesh.run(for: .seconds(5))
        mesh.writeCheckpoints(1)
        #expect(try mesh.rereads(1) == [nil])
    }
}
