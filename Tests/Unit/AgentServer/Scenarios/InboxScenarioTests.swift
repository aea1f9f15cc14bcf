import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-163 and S-164: who is mentioned, and what the inbox makes of it.
@Suite(.serialized, .timeLimit(.minutes(Patience.minutes))) struct InboxScenarioTests {
    private func unread(_ live: LiveServer, _ node: Int) async throws -> [Int64] {
        let inbox = await live.clients[node].structured("inbox")
        let resource = try await live.read(node, "peer://server/unread")
        #expect(inbox["unread"] == resource["total"] && inbox["mentions"] == resource["mentions"])
        return [inbox["unread"]?.integer ?? -1, inbox["mentions"]?.integer ?? -1]
    }

    @Test func `S-163 exactly those who are named are told, and an edit that names counts once`()
        async throws
    {
        try await LiveServer.with(3) { live in
            for (node, name) in ["olga", "ann", "annabel"].enumerated() {
                _ = await live.clients[node].structured("set_display_name", ["name": .string(name)])
            }
            try await live.settle()
            _ = await live.clients[1].structured("mark_read", ["all": true])
            _ = await live.clients[2].structured("mark_read", ["all": true])
            let bodies = [
                "@ann hello", "hello @ANNABEL!", "`@ann`", "@an @annab @you", "@a\u{200B}nn",
            ]
            for body in bodies { _ = await live.post(0, body) }
            try await live.settle()
            #expect(try await unread(live, 1) == [5, 1])
            #expect(try await unread(live, 2) == [5, 1])
            let shown = await live.messages(1)
            #expect(shown.map { $0["mention"] == true } == [true, false, false, false, false])
            let plain = await live.post(0, "nobody yet")
            try await live.settle()
            #expect(try await unread(live, 1) == [6, 1])
            for text in ["now @ann", "now and again @ann"] {
                _ = await live.clients[0].structured(
                    "edit_message", ["message_id": plain, "new_body": .string(text)])
                try await live.settle()
                #expect(try await unread(live, 1) == [6, 2])
                #expect(try await unread(live, 2) == [6, 1])
            }
            _ = await live.clients[0].structured(
                "edit_message", ["message_id": plain, "new_body": "nobody after all"])
            try await live.settle()
            #expect(try await unread(live, 1) == [6, 1])
        }
    }

    @Test func `S-163 a name that two share is named in the result`() async throws {
        try await LiveServer.with(3) { live in
            for node in [1, 2] {
                _ = await live.clients[node].structured("set_display_name", ["name": "sam"])
            }
            try await live.settle()
            let sent = await live.clients[0].structured(
                "send_message", ["channel": "general", "body": "which @Sam?"])
            #expect(sent["outcome"] == "applied" && sent["unresolved"] == ["Sam"])
            try await live.settle()
            #expect(await live.messages(1).last?["mention"] == nil)
        }
    }

    @Test func `S-164 direct messages come first, then mentions, then the newest`() async throws {
        try await LiveServer.with(2) { live in
            let (host, guest) = (live.clients[0], live.clients[1])
            for name in ["quiet", "named"] {
                _ = await host.structured("create_channel", ["name": .string(name)])
            }
            try await live.settle()
            _ = await guest.structured("mark_read", ["all": true])
            let opened = await host.structured(
                "open_direct",
                ["peer_ids": [.string(live.nodes[1].peerID.hex)], "confirm": true])
            let direct = try #require(opened["server_id"]?.string.flatMap { Server.ID(hex: $0) })
            let place = opened["channel"] ?? .null
            _ = await host.structured("send_message", ["channel": place, "body": "psst"])
            _ = await live.post(0, "hear, @\(live.nodes[1].peerID.hex)", in: "named")
            for number in 0..<5 { _ = await live.post(0, "news \(number)") }
            _ = await live.post(0, "last", in: "quiet")
            try await live.settle()
            let inbox = try await settled(live, 1, unread: 8)
            #expect(inbox["mentions"] == 1)
            let channels = inbox["channels"]?.array ?? []
            #expect(channels.map { $0["kind"]?.string } == ["direct", "text", "text", "text"])
            #expect(channels.map { $0["unread"]?.integer } == [1, 1, 1, 5])
            #expect(channels.dropFirst(1).map { $0["channel"] } == ["named", "quiet", "general"])

            let first = await guest.structured("inbox", ["max_channels": 3])
            #expect(first["has_more"] == true && first["channels"]?.array?.count == 3)
            let rest = await guest.structured(
                "inbox", ["max_channels": 3, "cursor": first["cursor"] ?? .null])
            #expect(rest["has_more"] == false)
            #expect(rest["channels"]?.array?.map { $0["channel"] } == ["general"])
            #expect(
                rest["channels"]?[0]?["messages"]?.array?.compactMap { $0["text"]?.string }
                    == (0..<5).map { "news \($0)" })
            let counts = await guest.structured("inbox", ["include_messages": false])
            #expect(counts["channels"]?.array?.allSatisfy { $0["messages"] == nil } == true)
            #expect(counts["unread"] == 8)
            var sum: Int64 = 0
            for server in [live.id, direct] {
                _ = await guest.structured("switch_server", ["id": .string(server.hex)])
                sum += try await live.read(1, "peer://server/unread")["total"]?.integer ?? -100
            }
            #expect(sum == 8)
        }
    }

    /// The inbox once everything that was sent is in it.
    private func settled(_ live: LiveServer, _ node: Int, unread: Int64) async throws -> JSON {
        var inbox = JSON.null
        for _ in 0..<400 {
            inbox = await live.clients[node].structured("inbox")
            if inbox["unread"]?.integer == unread { return inbox }
            try await live.nodes[node].sleep(50)
        }
        Issue.record("\(inbox.text)")
        return inbox
    }
}
