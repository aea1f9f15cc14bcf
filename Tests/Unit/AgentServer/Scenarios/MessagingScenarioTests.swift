import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-130 to S-133, S-135, S-137 to S-139: what O and B do with tools, read by C on its own node.
@Suite(.serialized, .timeLimit(.minutes(Patience.minutes))) struct MessagingScenarioTests {
    @Test func `S-130 a message is told by its sender as a third peer reads it`() async throws {
        try await LiveServer.with(3) { live in
            let sent = await live.clients[1].structured(
                "send_message", ["channel": "general", "body": "ahoy"])
            let id = try #require(sent["message_id"]?.string)
            #expect(sent["outcome"] == "applied" && sent["event_id"]?.string == id)
            #expect(sent["server_id"]?.string == live.id.hex && sent["channel"] == "general")
            let event = try #require(Event.ID(hex: id))
            let stored = try await live.nodes[1].message(event)
            #expect(sent["seq"]?.integer == Int64(stored.authorSeq))
            try await live.settle()
            let shown = try await live.read(2, "peer://channel/general/messages")["messages"]
            #expect(shown?.array?.count == 1)
            let entry = try #require(shown?[0])
            #expect(entry["id"]?.string == id && entry["body"] == "ahoy")
            #expect(entry["author_peer_id"]?.string == live.nodes[1].peerID.hex)
            #expect(entry["timestamp_ms"]?.integer == Int64(stored.atMilliseconds))
            #expect(entry["edited"] == false && entry["deleted"] == false)
            let page = await live.clients[1].structured("read_channel", ["channel": "general"])
            #expect(page["channel_seq"] == sent["channel_seq"] && page["cursor"] == sent["cursor"])
        }
    }

    @Test func `S-131 a reply is read with its parent, and the thread in order`() async throws {
        try await LiveServer.with(3) { live in
            let root = await live.post(0, "who sails?")
            try await live.settle()
            let sent = await live.clients[1].structured(
                "send_reply", ["parent_id": root, "body": "I do"])
            #expect(sent["outcome"] == "applied")
            #expect(sent["reply_to"]?.string == root.string.map { String($0.prefix(16)) })
            try await live.settle()
            let reply = sent["message_id"] ?? .null
            _ = await live.clients[0].structured(
                "send_reply", ["parent_id": reply, "body": "good"])
            try await live.settle()
            let uri = "peer://message/\(reply.string ?? "")"
            let entry = try await live.read(2, uri)
            #expect(entry["reply_to"] == root && entry["body"] == "I do")
            #expect(entry["reply_preview"] == ["from": "node0", "text": "who sails?"])
            let thread = await live.clients[2].structured("read_thread", ["message_id": reply])
            #expect(thread["root"]?["text"] == "who sails?")
            #expect(thread["messages"]?.array?.map { $0["text"] } == ["I do", "good"])
        }
    }

    @Test func `S-132 replies to what is deleted, unknown or elsewhere`() async throws {
        try await LiveServer.with(2) { live in
            let gone = await live.post(0, "mistake")
            _ = await live.clients[0].structured("delete_message", ["message_id": gone])
            _ = await live.clients[0].structured("create_channel", ["name": "side"])
            try await live.settle()
            let sent = await live.clients[1].structured(
                "send_reply", ["parent_id": gone, "body": "what was it?"])
            #expect(sent["outcome"] == "applied")
            try await live.settle()
            let uri = "peer://message/\(sent["message_id"]?.string ?? "")"
            let entry = try await live.read(0, uri)
            #expect(entry["reply_preview"] == ["from": "node0", "deleted": true])
            let before = try await live.nodes[1].agreement(in: live.id)
            let unknown = await live.clients[1].refusal(
                "send_reply",
                ["parent_id": .string(String(repeating: "0", count: 64)), "body": "x"])
            #expect(unknown["code"] == "unknown_message")
            let elsewhere = await live.clients[1].refusal(
                "send_reply", ["channel": "side", "parent_id": gone, "body": "x"])
            #expect(elsewhere["code"] == "conflict")
            let after = try await live.nodes[1].agreement(in: live.id)
            #expect(after.events == before.events && after.stateHash == before.stateHash)
        }
    }

    @Test func `S-133 an edit keeps the id, says so, and is what search finds`() async throws {
        try await LiveServer.with(3) { live in
            let id = await live.post(1, "tea at noon")
            try await live.settle()
            let feed = await live.nodes[2].feedPosition()
            let edited = await live.clients[1].structured(
                "edit_message", ["message_id": id, "new_body": "coffee at noon"])
            #expect(edited["outcome"] == "applied" && edited["message_id"] == id)
            try await live.settle()
            let whole = await live.clients[2].structured("get_message", ["message_id": id])
            let shown = try #require(whole["messages"]?[0])
            #expect(shown["id"] == id && shown["text"] == "coffee at noon")
            #expect(shown["edited"] == true && shown["edits"] == 1)
            #expect(shown["edited_at"]?.string?.isEmpty == false)
            #expect(whole["history"]?.array?.map { $0["text"] } == ["tea at noon"])
            let found = await live.clients[2].structured(
                "search_messages", ["query": "coffee", "format": "detailed"])
            #expect(found["messages"]?.array?.map { $0["id"] } == [id])
            let old = await live.clients[2].structured("search_messages", ["query": "tea"])
            #expect(old["messages"] == [])
            let told = try await live.nodes[2].events(after: feed, limit: 10).events
            #expect(told.map(\.kind.rawValue) == ["MessageEdited"])
            #expect(told.first?.channel == live.general)
            #expect(told.first?.feed ?? 0 > feed)
        }
    }

    @Test func `S-135 who deletes is named, and what stood around the message is gone`()
        async throws
    {
        try await LiveServer.with(3) { live in
            let (owner, member, third) = (live.clients[0], live.clients[1], live.clients[2])
            let own = await live.post(1, "a slip of the pen")
            let theirs = await live.post(1, "an insult")
            try await live.settle()
            for id in [own, theirs] {
                _ = await owner.structured("react", ["message_id": id, "emoji": "x"])
                _ = await owner.structured("pin_message", ["message_id": id])
            }
            try await live.settle()
            let refused = await third.refusal("delete_message", ["message_id": theirs])
            #expect(refused["code"] == "not_author")
            _ = await member.structured("delete_message", ["message_id": own])
            _ = await owner.structured("delete_message", ["message_id": theirs, "reason": "rude"])
            try await live.settle()
            for (id, name) in [(own, "node1"), (theirs, "node0")] {
                let entry = try await live.read(2, "peer://message/\(id.string ?? "")")
                #expect(entry["deleted"] == true && entry["body"] == "")
                #expect(entry["deleted_by"]?.string == name)
                #expect(entry["reactions"] == [:], "\(entry.text)")
                let whole = await third.structured("get_message", ["message_id": id])
                #expect(whole["history"]?.array?.isEmpty ?? true, "\(whole.text)")
            }
            let pins = try await live.read(2, "peer://channel/general/pins")["pins"]
            #expect(pins == [])
            for word in ["slip", "insult"] {
                let found = await third.structured("search_messages", ["query": .string(word)])
                #expect(found["messages"] == [])
            }
        }
    }

    @Test func `S-137 pins are listed by id, pinner and time, and bounded`() async throws {
        try await LiveServer.with(2) { live in
            let id = await live.post(1, "the tide table")
            try await live.settle()
            let refused = await live.clients[1].refusal("pin_message", ["message_id": id])
            #expect(refused["code"] == "permission_denied" && refused["needed"] == ["ManagePins"])
            _ = await live.clients[0].structured("pin_message", ["message_id": id])
            try await live.settle()
            let pins = try await live.read(1, "peer://channel/general/pins")["pins"]
            #expect(pins?.array?.map { $0["id"] } == [id])
            #expect(pins?[0]?["pinned_by"]?.string == live.nodes[0].peerID.hex)
            #expect(pins?[0]?["pinned_at"]?.string?.hasSuffix("Z") == true)
            let unknown = await live.clients[0].refusal(
                "pin_message", ["message_id": .string(String(repeating: "0", count: 64))])
            #expect(unknown["code"] == "unknown_message")
            for number in 2...Limits.pinsPerChannel {
                let more = await live.post(0, "notice \(number)")
                let pinned = await live.clients[0].structured("pin_message", ["message_id": more])
                #expect(pinned["pins"]?.integer == Int64(number))
            }
            let last = await live.post(0, "one notice too many")
            let full = await live.clients[0].refusal("pin_message", ["message_id": last])
            #expect(full["code"] == "conflict" && full["rule"] == "limit")
            _ = await live.clients[0].structured("unpin_message", ["message_id": id])
            #expect(
                await live.clients[0].structured("pin_message", ["message_id": last])["outcome"]
                    == "applied")
            try await live.settle()
            let left = try await live.read(1, "peer://channel/general/pins")["pins"]
            #expect(left?.array?.count == Limits.pinsPerChannel)
            #expect(left?.array?.contains { $0["id"] == id } == false)
            #expect(left?.array?.contains { $0["id"] == last } == true)
        }
    }

    @Test func `S-138 channels that take no message from the sender`() async throws {
        try await LiveServer.with(2) { live in
            let owner = live.clients[0]
            let role = await owner.structured("create_role", ["name": "crew"])["role_id"] ?? .null
            // Who closes a channel must be able to read it.
            _ = await owner.structured(
                "assign_role",
                ["peer_id": .string(live.nodes[0].peerID.hex), "role_id": role])
            _ = await owner.structured("create_channel", ["name": "bridge", "roles": [role]])
            _ = await owner.structured("create_voice_channel", ["name": "lounge"])
            let made = await owner.structured("create_channel", ["name": "attic"])
            let attic = made["channel_id"] ?? .null
            try await live.settle()
            _ = await owner.structured("delete_channel", ["name": "attic", "confirm": true])
            try await live.settle()
            let before = try await live.nodes[1].agreement(in: live.id)
            let expected: [(JSON, String)] = [
                ("nowhere", "unknown_channel"), ("attic", "unknown_channel"),
                (attic, "unknown_channel"), ("lounge", "conflict"),
                ("bridge", "permission_denied"),
            ]
            for (channel, code) in expected {
                let refused = await live.clients[1].refusal(
                    "send_message", ["channel": channel, "body": "x"])
                #expect(refused["code"]?.string == code, "\(channel.text)")
            }
            let blind = TestClient(over: live.nodes[1]) {
                $0.channels = ChannelRules(deny: ["#general"])
            }
            let unseen = await blind.refusal(
                "send_message", ["channel": "general", "body": "x"])
            #expect(unseen["code"] == "unknown_channel")
            let after = try await live.nodes[1].agreement(in: live.id)
            #expect(after.events == before.events && after.stateHash == before.stateHash)
        }
    }

    @Test(arguments: ["x", "é", "🦊"])
    func `S-139 a body at its bound arrives whole, one byte more is refused`(
        unit: String
    ) async throws {
        try await LiveServer.with(2) { live in
            let whole = String(repeating: unit, count: 16_384 / unit.utf8.count)
            #expect(whole.utf8.count == 16_384)
            let id = await live.post(0, whole)
            try await live.settle()
            let event = try #require(Event.ID(hex: id.string ?? ""))
            #expect(try await live.nodes[1].message(event).text == whole)
            let before = try await live.nodes[0].agreement(in: live.id).events
            let refused = await live.clients[0].refusal(
                "send_message", ["channel": "general", "body": .string(whole + "y")])
            #expect(refused["code"] == "too_large")
            #expect(refused["message"]?.string?.contains("16384") == true, "\(refused.text)")
            #expect(refused["message"]?.string?.contains("16385") == true, "\(refused.text)")
            #expect(try await live.nodes[0].agreement(in: live.id).events == before)
        }
    }
}
