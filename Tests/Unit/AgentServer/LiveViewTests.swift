import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Views through the tools of real nodes on sockets: what one does, the other reads.
@Suite(.serialized, .timeLimit(.minutes(Patience.minutes))) struct LiveViewTests {
    private struct Pair {
        let nodes: [Node]
        let host: TestClient
        let guest: TestClient
        let server: Server.ID
        let channel: Channel.ID

        /// Waits until the guest's node agrees with the host's and has stored as much: a state is
        /// compared before its last events are durable, and only durable ones are shown.
        func settle() async throws {
            for _ in 0..<200 {
                let found = try await nodes[0].verify(server, timeout: .seconds(5))
                let stored = try await nodes[1].agreement(in: server).events
                if found.agreeing == found.peers.count && found.agreeing > 0
                    && stored == found.events
                {
                    return
                }
                try await nodes[0].sleep(50)
            }
            Issue.record("the nodes do not agree")
        }

        func post(_ client: TestClient, _ text: String) async -> String {
            let sent = await client.structured(
                "send_message", ["channel": "general", "body": .string(text)])
            return sent["message_id"]?.string ?? ""
        }
    }

    private func withPair(_ body: (Pair) async throws -> Void) async throws {
        try await LiveNodes.with(2) { nodes in
            let created = try await nodes[0].perform(
                .createServer(name: "Harbour", description: "boats"))
            let server = try #require(created.server)
            let invite = try await nodes[0].perform(
                .invite(server: server, recipient: nodes[1].peerID, expiresAtMilliseconds: nil))
            let code = try #require(invite.inviteCode)
            _ = try await nodes[1].perform(.acceptInvite(code: code))
            let pair = Pair(
                nodes: nodes, host: TestClient(over: nodes[0]), guest: TestClient(over: nodes[1]),
                server: server, channel: try #require(created.channel))
            try await pair.settle()
            try await body(pair)
        }
    }

    private func read(_ client: TestClient, _ uri: String) async throws -> JSON {
        let answer = await client.ask("resources/read", TestClient.modern(["uri": .string(uri)]))
        let text = answer["result"]?["contents"]?[0]?["text"]?.string
        return try JSON(parsing: Array(try #require(text, "\(answer.text)").utf8))
    }

    @Test func `reactions, edits, pins and tombstones are read by the other`() async throws {
        try await withPair { pair in
            let id = await pair.post(pair.host, "tea or coffee?")
            let gone = await pair.post(pair.host, "oops")
            try await pair.settle()
            for (client, emoji) in [(pair.guest, "🍵"), (pair.host, "🍵"), (pair.guest, "☕")] {
                _ = await client.structured(
                    "react", ["message_id": .string(id), "emoji": .string(emoji)])
                try await pair.settle()
            }
            _ = await pair.host.structured(
                "edit_message", ["message_id": .string(id), "new_body": "tea, coffee or water?"])
            _ = await pair.host.structured("pin_message", ["message_id": .string(id)])
            _ = await pair.host.structured("delete_message", ["message_id": .string(gone)])
            try await pair.settle()

            let page = await pair.guest.structured("read_channel", ["channel": "general"])
            let shown = try #require(page["messages"]?.array?.first)
            #expect(shown["text"] == "tea, coffee or water?" && shown["edited"] == true)
            #expect(shown["reactions"] == ["🍵": 2, "☕": 1])
            let tombstone = try #require(page["messages"]?.array?.last)
            #expect(tombstone["deleted"] == true && tombstone["text"] == "")

            let whole = await pair.guest.structured("get_message", ["message_id": .string(id)])
            let detailed = try #require(whole["messages"]?.array?.first)
            #expect(detailed["reactions"] == ["🍵": ["node1", "node0"], "☕": ["node1"]])
            #expect(detailed["my_reactions"] == ["🍵", "☕"])
            #expect(detailed["pinned"] == true && detailed["edits"] == 1)
            #expect(whole["history"]?.array?.map { $0["text"] } == ["tea or coffee?"])
            let pins = try await read(pair.guest, "peer://channel/general/pins")["pins"]
            #expect(pins?.array?.map { $0["id"] } == [.string(id)])
            #expect(pins?[0]?["pinned_by"]?.string == pair.nodes[0].peerID.hex)

            let found = await pair.guest.structured("search_messages", ["query": "water"])
            #expect(found["messages"]?.array?.count == 1)
            let old = await pair.guest.structured("search_messages", ["query": "oops"])
            #expect(old["messages"]?.array?.isEmpty == true)
            let text = await pair.guest.call("read_channel", ["channel": "general"]).firstText
            #expect(text.contains("✎") && text.contains("{🍵2 ☕1}") && text.contains("✗"))
        }
    }

    @Test func `a thread is read from any of its messages`() async throws {
        try await withPair { pair in
            let root = await pair.post(pair.host, "who sails?")
            try await pair.settle()
            var parent = root
            var ids: [String] = []
            for (number, client) in [pair.guest, pair.host, pair.guest, pair.host].enumerated() {
                let sent = await client.structured(
                    "send_reply", ["parent_id": .string(parent), "body": .string("r\(number)")])
                parent = sent["message_id"]?.string ?? ""
                ids.append(parent)
                try await pair.settle()
            }
            _ = await pair.post(pair.host, "something else")
            let thread = await pair.guest.structured(
                "read_thread", ["message_id": .string(ids[2]), "limit": 3])
            #expect(thread["root"]?["text"] == "who sails?" && thread["root"]?["replies"] == 4)
            #expect(thread["ancestors"]?.array?.map { $0["text"] } == ["r0", "r1"])
            #expect(thread["messages"]?.array?.map { $0["text"] } == ["r0", "r1", "r2"])
            #expect(thread["has_more"] == true)
            let rest = await pair.guest.structured(
                "read_thread",
                ["message_id": .string(root), "cursor": thread["cursor"] ?? .null])
            #expect(rest["messages"]?.array?.map { $0["text"] } == ["r3"])
            #expect(rest["has_more"] == false)
            let alone = await pair.post(pair.host, "alone")
            let single = await pair.host.structured(
                "read_thread", ["message_id": .string(alone)])
            #expect(single["root"]?["text"] == "alone" && single["messages"] == [])
            let resource = try await read(pair.guest, "peer://thread/\(ids[0])")
            #expect(resource["messages"]?.array?.map { $0["body"] } == ["r0", "r1", "r2", "r3"])
            let reply = try await read(pair.guest, "peer://message/\(ids[0])")
            #expect(reply["reply_preview"] == ["from": "node0", "text": "who sails?"])
        }
    }

    @Test func `states agree, the feed is the same by name, and resources follow`() async throws {
        try await withPair { pair in
            let feed = await pair.nodes[1].feedPosition()
            _ = await pair.host.structured("create_role", ["name": "crew"])
            _ = await pair.host.structured("rename_server", ["name": "Quay"])
            _ = await pair.host.structured("create_channel", ["name": "dock", "history": "all"])
            _ = await pair.host.structured("set_profile", ["bio": "sails", "model": ""])
            try await pair.settle()
            let told = try await pair.nodes[1].events(after: feed, limit: 100).events
            #expect(
                told.map(\.kind.rawValue) == [
                    "RoleCreated", "ServerRenamed", "ChannelCreated", "KeyRotated",
                    "ProfileUpdated",
                ])
            let roles = try await read(pair.guest, "peer://server/roles")["roles"]
            #expect(roles?.array?.map { $0["name"] } == ["crew"])
            let current = try await read(pair.guest, "peer://server/current")
            #expect(current["name"] == "Quay" && current["description"] == "boats")
            #expect(current["threshold"] == "majority")
            let host = pair.nodes[0].peerID.hex
            let member = try await read(pair.guest, "peer://member/\(host)")
            #expect(member["profile"] == ["display_name": "node0", "bio": "sails"])
            #expect(member["status"] == "active" && member["level"] == "owner")
            let agreed = await pair.guest.structured("verify_state")
            #expect(agreed["verdict"] == "agree" && agreed["agreeing"] == 1)
            let shown = try await read(pair.guest, "peer://server/state-agreement")
            #expect(shown["peers"]?[0]?["verdict"] == "agree")
        }
    }
}
