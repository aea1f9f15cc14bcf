import AgentServer
import PeerTesting
import Testing

/// MCP 2.2 T1–T5, 3.6: what is listed, and that listed means callable.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct ToolCatalogTests {
    private func names(_ client: TestClient) async -> [String] {
        let tools = await client.ask("tools/list", TestClient.modern())["result"]?["tools"]
        return tools?.array?.compactMap { $0["name"]?.string } ?? []
    }

    static let messaging = [
        "wait_for_messages", "inbox", "read_channel", "read_thread", "get_message",
        "search_messages", "mark_read", "send_message", "send_reply", "edit_message",
        "delete_message", "react", "unreact", "pin_message", "unpin_message", "send_typing",
        "open_direct", "why",
    ]

    static let all =
        messaging + [
            "list_events", "create_channel", "create_voice_channel", "rename_channel",
            "delete_channel",
            "set_channel_topic", "set_channel_access", "revive_channel", "share_history",
            "rotate_key", "mute", "switch_channel", "trust_peer", "untrust_peer",
            "kick_member", "suspend_peer", "extend_removal", "confirm_branch",
            "transfer_ownership", "set_threshold", "add_agent", "create_role",
            "delete_role", "rename_role", "set_permission", "assign_role", "unassign_role",
            "grant_permission", "revoke_permission", "list_proposals", "vote",
            "withdraw_proposal", "create_server", "switch_server", "leave_server",
            "rename_server", "set_server_description", "authorize_workers", "set_display_name",
            "set_server_display_name", "set_profile", "set_contact", "verify_state",
            "generate_invite", "accept_invite", "create_join_link", "delete_join_link",
        ] + live + files + ["connection_info", "add_peer", "audit_log"]

    static let live = [
        "join_voice", "leave_voice", "toggle_mute", "toggle_deafen", "send_voice_signal",
        "set_presence", "send_partial",
    ]

    static let files = ["share_file_inline", "upload_file", "download_file"]

    static let fullOnly = [
        "transfer_ownership", "create_server", "leave_server", "authorize_workers",
        "set_contact", "accept_invite", "add_peer", "share_file_inline", "upload_file",
        "download_file", "audit_log",
    ]

    @Test(arguments: [
        (
            Scope.readOnly,
            Array(messaging.prefix(7)) + [
                "why", "list_events", "list_proposals", "verify_state", "download_file",
                "connection_info",
            ]
        ),
        (.messaging, messaging),
        (.admin, all.filter { !(fullOnly + live + ["list_events"]).contains($0) }),
        (.full, all),
    ])
    func `S-258 each scope lists its tools in catalog order, and no others can be called`(
        scope: Scope, expected: [String]
    ) async {
        let client = TestClient(scope: scope)
        #expect(await names(client) == expected)
        for name in Self.all + ["nonsense"] where !expected.contains(name) {
            let answer = await client.ask(
                "tools/call", TestClient.modern(["name": .string(name)]))
            #expect(
                answer["error"]
                    == ["code": -32602, "message": .string("Unknown tool: \(name)")])
        }
        #expect(await client.port.performed.isEmpty)
    }

    @Test func `toolsets and named tools choose within the scope`() async {
        let invites = TestClient(scope: .admin) { $0.toolsets = [.invites, .admin] }
        #expect(
            await names(invites) == [
                "verify_state", "generate_invite", "create_join_link", "delete_join_link",
                "connection_info",
            ])
        let named = TestClient(scope: .messaging) { $0.tools = ["inbox", "create_server"] }
        #expect(await names(named) == ["inbox"])
        let both = TestClient(scope: .messaging) {
            $0.toolsets = [.channels]
            $0.tools = ["inbox"]
        }
        #expect(await names(both) == ["inbox", "revive_channel", "mute", "switch_channel"])
    }

    @Test func `S-257 every declaration is complete and flat`() async {
        let client = TestClient()
        let tools = await client.ask("tools/list", TestClient.modern())["result"]?["tools"]
        for tool in tools?.array ?? [] {
            let name = tool["name"]?.string ?? ""
            #expect(name.wholeMatch(of: /[a-z][a-z0-9_]{0,63}/) != nil)
            #expect(tool["description"]?.string?.utf8.count ?? 181 <= 180, "\(name)")
            #expect(tool["title"]?.string?.isEmpty == false)
            let input = tool["inputSchema"]
            #expect(input?["type"] == "object" && input?["additionalProperties"] == false)
            for property in input?["properties"]?.object?.members ?? [] {
                #expect(property.value["type"]?.string != nil, "\(name).\(property.key)")
                #expect(property.value["type"] != "object", "\(name).\(property.key)")
            }
            for required in input?["required"]?.array ?? [] {
                #expect(input?["properties"]?[required.string ?? ""] != nil)
            }
            let output = tool["outputSchema"]
            #expect(output?.object?.members.map(\.key) == ["type", "properties"])
            for property in output?["properties"]?.object?.members ?? [] {
                #expect(property.value.object?.members.map(\.key) == ["type"])
            }
            #expect(
                tool["annotations"]?.object?.members.map(\.key) == [
                    "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint",
                ])
        }
    }

    @Test func `a tool without parameters takes none`() async {
        let client = TestClient()
        let tools = await client.ask("tools/list", TestClient.modern())["result"]?["tools"]
        let tool = tools?.array?.first { $0["name"] == "connection_info" }
        #expect(tool?["inputSchema"]?.text == #"{"type":"object","additionalProperties":false}"#)
        let refusal = await client.refusal("connection_info", ["x": 1])
        #expect(
            refusal
                == ["code": "invalid_argument", "message": "x: no arguments are taken."])
    }

    @Test func `arguments that are no object are no request`() async {
        let client = TestClient()
        for arguments in [JSON.null, [], "x", 5] {
            let answer = await client.ask(
                "tools/call", TestClient.modern(["name": "inbox", "arguments": arguments]))
            #expect(answer["error"]?["code"] == -32602)
        }
        let nameless = await client.ask("tools/call", TestClient.modern(["arguments": [:]]))
        #expect(nameless["error"]?["code"] == -32602)
    }

    @Test(arguments: [
        ("inbox", #"{"nope":1}"#, "nope: unknown; there are: channels, mentions_only"),
        ("inbox", #"{"max_channels":0}"#, "max_channels: must be from 1 to 100."),
        ("inbox", #"{"max_channels":1.5}"#, "max_channels: must be a whole number."),
        ("inbox", #"{"max_channels":"1"}"#, "max_channels: must be a whole number."),
        ("inbox", #"{"mentions_only":1}"#, "mentions_only: must be true or false."),
        ("inbox", #"{"channels":"general"}"#, "channels: must be an array of strings."),
        ("inbox", #"{"channels":[5]}"#, "channels: must be a string."),
        ("inbox", #"{"format":"long"}"#, "format: must be concise or detailed."),
        ("read_channel", #"{}"#, "channel: is missing; it is required."),
        ("read_channel", #"{"channel":""}"#, "channel: must not be empty."),
        ("read_channel", #"{"channel":"general","since":"soon"}"#, "since: must be like 2h"),
        ("read_channel", #"{"channel":"a\u0000b"}"#, "channel: must not hold a NUL"),
        (
            "read_channel", #"{"channel":"general","after":"m:0123456789abcdef","before":"x"}"#,
            "after: give only one of"
        ),
        ("get_message", #"{"message_id":"0123"}"#, "message_id: must be a message id"),
        ("send_message", #"{"channel":"general"}"#, "body: is missing"),
        ("send_message", #"{"channel":"general","body":""}"#, "body: must not be empty."),
        (
            "send_message", #"{"channel":"general","body":"x","expected_seq":-1}"#,
            "expected_seq: must be from 0"
        ),
        (
            "generate_invite", #"{"recipient_peer_id":"ann"}"#,
            "recipient_peer_id: must be a peer id, or its first 16 digits or more; "
                + "peer://server/members lists them"
        ),
        ("create_channel", #"{"name":"a\nb"}"#, "name: must not hold control"),
        ("create_server", #"{"name":"  "}"#, "name: must not be blank."),
        ("mark_read", #"{"all":true,"channel":"general"}"#, "all: give either all or channel."),
        ("wait_for_messages", #"{"timeout_s":3601}"#, "timeout_s: must be from 0 to 3600."),
    ])
    func `a wrong argument is named`(tool: String, arguments: String, text: String) async throws {
        let client = TestClient()
        let arguments = try #require(try JSON(parsing: Array(arguments.utf8)).object)
        let refusal = await client.refusal(tool, arguments)
        #expect(refusal["code"] == "invalid_argument")
        #expect(refusal["message"]?.string?.hasPrefix(text) == true, "\(refusal.text)")
        #expect(await client.port.performed.isEmpty)
    }

    @Test func `null stands for an optional argument that is left out`() async {
        let client = TestClient()
        #expect(await client.structured("inbox", ["cursor": nil, "channels": nil])["unread"] == 0)
        #expect(
            await client.refusal("read_channel", ["channel": nil])["code"] == "invalid_argument")
    }
}
