import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 2.2 R1 R2 U1, 2.4 L9, 4: resources, and being told when they change.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct ResourceTests {
    private let client = TestClient()
    private var port: FakePort { client.port }
    private let messages = "peer://channel/general/messages"

    private func read(_ uri: String) async -> JSON {
        await client.ask("resources/read", TestClient.modern(["uri": .string(uri)]))
    }

    /// The one content entry, its text parsed.
    private func object(_ uri: String) async throws -> JSON {
        let answer = await read(uri)
        let contents = answer["result"]?["contents"]
        #expect(contents?.array?.count == 1)
        #expect(contents?[0]?["uri"]?.string == uri)
        #expect(contents?[0]?["mimeType"] == "application/json")
        return try JSON(parsing: Array((contents?[0]?["text"]?.string ?? "").utf8))
    }

    @Test func `the list shows fixed resources, then channels by recency`() async {
        await port.set { $0.channelList.append(Fake.channel(2, name: "tea & cake")) }
        await port.post(Fake.message(1, channel: Fake.channelID(2)))
        let result = await client.ask("resources/list", TestClient.modern())["result"]
        #expect(
            result?["resources"]?.array?.map { $0["uri"] } == [
                "peer://identity", "peer://connection", "peer://servers",
                "peer://server/current", "peer://server/channels", "peer://server/members",
                "peer://server/roles", "peer://server/join-links",
                "peer://server/state-agreement", "peer://server/proposals",
                "peer://server/unread", "peer://voice/status", "peer://inbox", "peer://help",
                "peer://audit",
                "peer://channel/tea%20%26%20cake/messages", "peer://channel/general/messages",
            ])
        #expect(result?["ttlMs"] == 300_000 && result?["cacheScope"] == "private")
        let templates = await client.ask("resources/templates/list", TestClient.modern())
        #expect(
            templates["result"]?["resourceTemplates"]?.array?.map { $0["uriTemplate"] } == [
                "peer://channel/{name}/messages{?after,before,limit,server}",
                "peer://channel/{name}/typing{?server}",
                "peer://voice/{channel}/participants{?server}",
                "peer://channel/{name}/pins{?server}", "peer://message/{id}",
                "peer://thread/{id}", "peer://member/{peer_id}{?server}",
                "peer://events{?after,limit}", "peer://file/{id}",
            ])
    }

    @Test func `every listed resource can be read`() async {
        await port.post(Fake.message(1))
        let list = await client.ask("resources/list", TestClient.modern())["result"]
        for item in list?["resources"]?.array ?? [] {
            let uri = item["uri"]?.string ?? ""
            // This node has no folder to keep a log in.
            if uri == "peer://audit" { continue }
            let result = await read(uri)["result"]
            #expect(result?["resultType"] == "complete", "\(uri)")
            #expect(result?["contents"]?[0]?["mimeType"] == item["mimeType"])
            let isHelp = uri == "peer://help"
            #expect(result?["ttlMs"] == (isHelp ? 3_600_000 : 0))
            #expect(result?["cacheScope"] == (isHelp ? "public" : "private"))
        }
    }

    @Test func `help has every word of the contract in 4 kB`() async {
        // MCP 3.1 and 3.2.
        let words = """
            applied proposed queued unchanged invalid_argument too_large bad_cursor ambiguous_id
            ambiguous_channel unknown_server unknown_channel unknown_message unknown_peer
            unknown_role unknown_proposal unknown_file unknown_invite permission_denied not_author
            not_member suspended scope_denied quota_exceeded stale conflict proposal_closed expired
            used_up no_key not_in_voice name_taken rate_limited loop_guard consent_required
            consent_declined offline timeout unavailable
            """
        for scope in Scope.allCases {
            let client = TestClient(scope: scope)
            let answer = await client.ask(
                "resources/read", TestClient.modern(["uri": "peer://help"]))
            let text = answer["result"]?["contents"]?[0]?["text"]?.string ?? ""
            #expect(text.utf8.count <= 4_096, "\(scope): \(text.utf8.count)")
            for word in words.split(whereSeparator: \.isWhitespace) {
                #expect(text.contains("`\(word)`"), "\(scope): \(word)")
            }
            let listed = await client.ask("tools/list", TestClient.modern())
            for tool in listed["result"]?["tools"]?.array ?? [] {
                #expect(text.contains(tool["name"]?.string ?? "?"))
            }
        }
    }

    @Test func `who has several servers and no current one is offered them`() async {
        await port.set { $0.serverList = [Fake.server(), Fake.server(2, name: "Work")] }
        for tool in ["read_channel", "list_proposals", "verify_state"] {
            let isChannel = tool == "read_channel"
            let refused = await client.refusal(tool, isChannel ? ["channel": "general"] : [:])
            #expect(
                refused["code"] == (isChannel ? "unknown_channel" : "unknown_server"), "\(tool)")
            #expect(
                refused["candidates"]
                    == [.string(Fake.serverID.hex), .string(Fake.server(2).id.hex)])
            #expect(refused["message"]?.string?.contains("Work") == true)
        }
        let error = await read("peer://server/channels")["error"]
        #expect(error?["code"] == -32_602 && error?["data"]?["uri"] == "peer://server/channels")
        #expect(error?["message"]?.string?.contains("Work") == true)
    }

    /// A second member who is linked, and one unread mention.
    private func addCompany() async {
        await port.set { port in
            port.memberList = [Fake.member(2, "ann\u{202E}")]
            port.links = [Fake.link()]
        }
        var mention = Fake.message(1)
        mention.isMention = true
        await port.post(mention)
    }

    @Test func `resources about the node and its servers hold exact facts`() async throws {
        await addCompany()
        #expect(
            try await object("peer://identity") == [
                "peer_id": .string(Fake.peer(1).hex), "display_name": "me",
                "agent": false, "fingerprint": "0a00 0000 0000 0001 0a0a 0a0a 0a0a 0a0a",
            ])
        #expect(
            try await object("peer://connection") == [
                "connected": true, "peer_count": 1, "typing_peers": [],
                "peers": [
                    [
                        "peer_id": .string(Fake.peer(2).hex), "display_name": "ann",
                        "since": "2026-01-01T00:00:00Z",
                    ]
                ], "relay": ["status": "off"], "queue": ["events": 0],
                "sync": ["behind": 0],
            ])
        #expect(
            try await object("peer://servers") == [
                "servers": [
                    [
                        "id": .string(Fake.serverID.hex), "name": "Home", "kind": "group",
                        "current": true, "unread": 1, "mentions": 1,
                    ]
                ]
            ])
        var admin = Fake.member(3, "bo")
        admin.level = "admin"
        await port.set { [admin] in $0.memberList.append(admin) }
        #expect(
            try await object("peer://server/current") == [
                "id": .string(Fake.serverID.hex), "name": "Home",
                "owner": .string(Fake.peer(1).hex), "admins": [.string(Fake.peer(3).hex)],
                "description": "Where we live", "display_name": "me", "level": "owner",
                "permissions": ["SendMessages"], "threshold": "majority", "members": 2,
                "created_at": "2026-01-01T00:00:00Z",
            ])
    }

    @Test func `resources about one server hold exact facts`() async throws {
        await addCompany()
        #expect(
            try await object("peer://server/channels") == [
                "channels": [
                    [
                        "id": .string(Fake.generalID.hex), "name": "general", "kind": "text",
                        "restricted": false, "roles": [], "history": "all", "topic": "",
                        "channel_seq": 1, "unread": 1, "mentions": 1,
                        "last_at": "2026-01-01T00:01:00Z",
                    ]
                ]
            ])
        #expect(
            try await object("peer://server/members") == [
                "members": [
                    [
                        "peer_id": .string(Fake.peer(2).hex), "display_name": "ann⟨bidi⟩",
                        "is_online": true, "level": "member", "roles": [], "agent": false,
                        "suspended": false, "verified": false,
                        "joined_at": "2026-01-01T00:00:00Z",
                    ]
                ]
            ])
        #expect(
            try await object("peer://server/unread") == [
                "total": 1, "mentions": 1,
                "channels": ["general": ["unread": 1, "mentions": 1, "muted": false]],
            ])
        #expect(
            try await object("peer://inbox") == [
                "unread": 1, "mentions": 1,
                "channels": [
                    [
                        "server_id": .string(Fake.serverID.hex), "channel": "general",
                        "unread": 1, "mentions": 1, "last_at": "2026-01-01T00:01:00Z",
                    ]
                ], "cursor": "c1_AQECAwQB",
            ])
    }

    @Test func `the messages of a channel are paged`() async throws {
        for number in 1...5 as ClosedRange<UInt64> { await port.post(Fake.message(number)) }
        let page = try await object(messages + "?limit=2")
        #expect(page["channel"] == "general" && page["channel_seq"] == 5)
        #expect(
            page["messages"]?[1] == [
                "id": .string(Fake.event(5).hex), "author_peer_id": .string(Fake.peer(2).hex),
                "author_display_name": "ann", "body": "hello",
                "timestamp_ms": JSON(FakePort.start + 300_000), "edited": false,
                "deleted": false, "reactions": [:], "trust": "member",
            ])
        #expect(page["has_more"] == true)
        let cursor = page["cursor"]?.string ?? ""
        let older = try await object(messages + "?limit=2&before=\(cursor)")
        #expect(
            older["messages"]?.array?.map { $0["id"]?.string }
                == [Fake.event(2).hex, Fake.event(3).hex])
        let id = Fake.event(4).hex
        let newer = try await object(messages + "?after=\(id)")
        #expect(newer["messages"]?.array?.map { $0["id"]?.string } == [Fake.event(5).hex])
        let one = await read("peer://message/\(id)")["result"]
        #expect(one?["ttlMs"] == 60_000)
        #expect(one?["contents"]?[0]?["annotations"]?["priority"] == 0.6)
        let byServer = try await object(messages + "?server=\(Fake.serverID.hex)")
        #expect(byServer["messages"]?.array?.count == 5)
    }

    @Test(arguments: [
        "", "peer://", "peer:identity", "http://identity", "peer://nothing", "peer://identity/",
        "peer://identity?x=1", "peer://identity#x", "PEER://identity", "peer://server",
        "peer://server/%2e%2e/current", "peer://server/./current", "peer://channel//messages",
        "peer://channel/general", "peer://channel/nowhere/messages",
        "peer://channel/gener%61%zz/messages", "peer://channel/%FF/messages",
        "peer://channel/general%00/messages", "peer://channel/general/messages?limit=0",
        "peer://channel/general/messages?limit=101", "peer://channel/general/messages?limit=x",
        "peer://channel/general/messages?what=1", "peer://channel/general/messages?limit=1&limit=2",
        "peer://channel/general/messages?server=nowhere", "peer://message/12",
        "peer://message/ffffffffffffffff", "peer://channel/general/messages?after=c1_x",
    ])
    func `what is not there is refused by the code of the era`(uri: String) async {
        let answer = await read(uri)
        #expect(
            answer["error"] == [
                "code": -32602, "message": "Resource not found", "data": ["uri": .string(uri)],
            ])
        let legacy = TestClient()
        _ = await legacy.initialize()
        for method in ["resources/read", "resources/subscribe"] {
            // A subscription is on the channel, whatever page was asked for.
            if method == "resources/subscribe" && uri.contains("after=") { continue }
            let answer = await legacy.ask(method, ["uri": .string(uri)])
            #expect(answer["error"]?["code"] == -32002)
            #expect(answer["error"]?["data"] == ["uri": .string(uri)])
        }
        #expect(await legacy.ask("resources/read", [:])["error"]?["code"] == -32602)
    }

    @Test func `a node that cannot answer now is unavailable, not empty`() async {
        await port.set { $0.failure = NodeFailure(.recovering) }
        #expect(await read("peer://server/channels")["error"]?["code"] == 4503)
    }

    @Test func `help is short and lists the tools of this connection`() async {
        let text = await read("peer://help")["result"]?["contents"]?[0]?["text"]?.string ?? ""
        #expect(text.utf8.count <= 4_096)
        for name in ToolCatalogTests.all { #expect(text.contains("`\(name)`")) }
    }
}
