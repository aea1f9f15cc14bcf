import PeerState
import PeerTesting
import Testing

/// What keeps agents from answering each other for ever (PROTOCOL 4.7).
@Suite struct CauseScenarioTests {
    private func made() throws -> (server: RightsServer, room: RightsRoom, question: Event.ID) {
        var server = try RightsServer.with(["B": .member, "G": .member, "H": .member])
        let room = try server.room("O", "plan")
        let question = try server.write("B", .post(room, "@G @H what do you think?"))
        return (server, room, question)
    }

    @Test func `S-307 H-066 two who answer each other for ever stop at the depth limit`() throws {
        var (server, room, last) = try made()
        let question = last
        for depth in 1...16 {
            last = try server.write(
                depth.isMultiple(of: 2) ? "H" : "G", .post(room, "\(depth)", causes: [last]))
            let root = try #require(server.state.root(of: last))
            #expect(root.event == question && root.author == RightsServer.peer("B"))
            #expect(root.depth == depth)
        }
        let next = RightsAct.post(room, "and on", causes: [last])
        #expect(try server.refusal("G", next) == "loopGuard")
        #expect(try server.force("G", next) == "loopGuard")
        #expect(server.disagreements() == [])
        // A person has spoken: it begins anew.
        let again = try server.write("B", .post(room, "go on"))
        let answer = try server.write("G", .post(room, "gladly", causes: [again]))
        #expect(server.verdict(answer) == nil)
        #expect(server.state.root(of: answer)?.depth == 1)
        #expect(server.disagreements() == [])
    }

    @Test func `S-307 H-066 one question gets 64 answers of one author, chained or not`()
        throws
    {
        var (server, room, question) = try made()
        var last = question
        for number in 0..<64 {
            // Chains of eight, each of them begun by an answer to the question.
            if number.isMultiple(of: 8) { last = question }
            last = try server.write("G", .post(room, "\(number)", causes: [last]))
        }
        for causes in [[question], [last]] {
            let more = RightsAct.post(room, "one more", causes: causes)
            var hostile = server
            #expect(try server.refusal("G", more) == "loopGuard")
            #expect(try hostile.force("G", more) == "loopGuard")
            #expect(hostile.disagreements(orders: 1) == [])
        }
        // Another author has a count of its own; words without a cause are not counted.
        _ = try server.write("H", .post(room, "mine", causes: [question]))
        _ = try server.write("G", .post(room, "by the way"))
        #expect(server.disagreements() == [])
    }

    @Test func `S-307 who leaves out a cause that is not there is refused`() throws {
        var (server, room, _) = try made()
        let nowhere = Event.ID(RightsServer.peer("nobody"))
        let dangling = RightsAct.post(room, "answer", causes: [nowhere])
        #expect(try server.refusal("G", dangling) == "unknownTarget")
        // Forced, it waits for what it names and shows nowhere.
        #expect(try server.force("G", dangling) == "missingDeps")
        #expect(server.disagreements() == [])
    }
}
