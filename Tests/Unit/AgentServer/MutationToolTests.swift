import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 3.1, 3.3–3.5, 7.4, 9.8, 10: tools that change something.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct MutationToolTests {
    private let client = TestClient()
    private var port: FakePort { client.port }
    private let event = JSON.string(Fake.event(900).hex)
    private let server = JSON.string(Fake.serverID.hex)

    private func posts() async -> [PostMessage] {
        await port.performed.compactMap { action in
            if case .postMessage(let post) = action { post } else { nil }
        }
    }

    @Test func `send_message posts and tells what happened`() async throws {
        let result = await client.structured(
            "send_message",
            [
                "channel": "general", "body": "hi", "client_msg_id": "a1", "expected_seq": 44,
            ])
        #expect(
            result == [
                "outcome": "applied", "event_id": event, "seq": 12, "server_id": server,
                "reached": 2, "channel": "general", "message_id": event, "channel_seq": 45,
                "cursor": "c1_AQECAwRN",
            ])
        let post = try #require(await posts().first)
        #expect(post.principal == "stdio" && post.text == "hi" && post.parent == nil)
        #expect(post.channel == Fake.generalID && post.server == Fake.serverID)
        #expect(post.clientMessageID == "a1" && post.expectedSeq == 44)
    }

    @Test func `duplicates and queued messages say so`() async {
        var duplicate = Outcome(.applied, server: Fake.serverID)
        duplicate.isDuplicate = true
        var queued = Outcome(.queued, server: Fake.serverID)
        queued.waitingFor = "key"
        await port.set { [duplicate, queued] in
            $0.answers = [.success(duplicate), .success(queued)]
        }
        let arguments: JSONObject = ["channel": "general", "body": "hi"]
        let first = await client.structured("send_message", arguments)
        #expect(first["duplicate"] == true && first["outcome"] == "applied")
        let second = await client.structured("send_message", arguments)
        #expect(second["outcome"] == "queued" && second["waiting_for"] == "key")
    }

    @Test func `send_reply posts beneath its parent and marks up to it`() async throws {
        for number in 1...3 as ClosedRange<UInt64> { await port.post(Fake.message(number)) }
        let result = await client.structured(
            "send_reply", ["parent_id": .string(Fake.event(2).short), "body": "yes"])
        #expect(result["reply_to"]?.string == Fake.event(2).short)
        #expect(result.encoded.count <= 400, "\(result.encoded.count)")
        #expect(try #require(await posts().first).parent == Fake.event(2))
        #expect(await port.marks == [Fake.generalID: 2])
        await port.set { $0.channelList.append(Fake.channel(2, name: "other")) }
        let elsewhere = await client.refusal(
            "send_reply",
            ["channel": "other", "parent_id": .string(Fake.event(2).hex), "body": "x"])
        #expect(elsewhere["code"] == "conflict")
        let unknown = await client.refusal(
            "send_reply", ["parent_id": .string(Fake.event(9).hex), "body": "x"])
        #expect(unknown["code"] == "unknown_message")
        #expect(await posts().count == 1)
    }

    @Test func `what was missed comes with stale, own messages left out`() async {
        for number in 1...12 as ClosedRange<UInt64> { await port.post(Fake.message(number)) }
        var own = Fake.message(13, author: 1)
        own.isLocal = true
        own.principal = "stdio"
        await port.post(own)
        await port.set { $0.answers = [.failure(NodeFailure(.stale))] }
        let result = await client.call(
            "send_message", ["channel": "general", "body": "x", "expected_seq": 9])
        #expect(result["isError"] == true)
        let error = result["structuredContent"]?["error"]
        #expect(error?["code"] == "stale" && error?["channel_seq"] == 13)
        #expect(
            error?["missed"]?.array?.map { $0["id"] } == [
                "0e0000000000000a", "0e0000000000000b", "0e0000000000000c",
            ])
        #expect(result.firstText.contains("<<<abababababababab"))
    }

    @Test func `a body over 16,384 bytes is too large`() async {
        let body = String(repeating: "é", count: 8_192)
        #expect(
            await client.structured("send_message", ["channel": "general", "body": .string(body)])[
                "outcome"] == "applied")
        let refusal = await client.refusal(
            "send_message", ["channel": "general", "body": .string(body + "x")])
        #expect(refusal["code"] == "too_large")
        #expect(await posts().count == 1)
    }

    @Test(arguments: [
        ("my token is pat_0123456789abcdef", true), ("join: pa1_AAAA", true),
        ("-----BEGIN PRIVATE KEY-----", true), ("spat_out", false), ("pat_ alone", false),
        ("the pa1_ prefix", false), ("(pat_x)", true),
    ])
    func `S-328 a secret is posted only after consent`(body: String, isSecret: Bool) async {
        let arguments: JSONObject = ["channel": "general", "body": .string(body)]
        guard isSecret else {
            #expect(await client.structured("send_message", arguments)["outcome"] == "applied")
            return
        }
        let refusal = await client.refusal("send_message", arguments)
        #expect(refusal["code"] == "consent_required")
        #expect(refusal["message"]?.string?.contains("for ever") == true)
        #expect(refusal.text.contains("0123456789abcdef") == false)
        #expect(await posts().isEmpty)
        var confirmed = arguments
        confirmed["confirm"] = true
        #expect(await client.structured("send_message", confirmed)["outcome"] == "applied")
    }

    @Test(arguments: [
        ("edit_message", "new_body"), ("share_file_inline", "caption"), ("upload_file", "caption"),
    ])
    func `S-328 H-114 edits and captions are looked at like messages`(
        tool: String, field: String
    ) async {
        var arguments: JSONObject = [field: "my token is pat_0123456789abcdef"]
        if tool == "edit_message" {
            arguments["message_id"] = .string(String(repeating: "ab", count: 32))
        } else {
            arguments["channel"] = "general"
            arguments["filename"] = "plan.txt"
            arguments["data"] = "eA=="
        }
        if tool == "upload_file" {
            arguments["offset"] = 0
            arguments["size"] = 1
            arguments["last"] = true
        }
        let refusal = await client.refusal(tool, arguments)
        #expect(refusal["code"] == "consent_required")
        #expect(refusal["message"]?.string?.hasPrefix(field) == true)
        #expect(await port.performed.isEmpty)
    }

    @Test func `channels and servers are made and switched to`() async throws {
        let channel = await client.structured(
            "create_channel", ["name": "tea", "topic": "green"])
        #expect(channel["channel_id"]?.string == Fake.channelID(9).hex)
        #expect(channel["name"] == "tea" && channel["outcome"] == "applied")
        guard case .channel(.create(let plan), Fake.serverID) = await port.performed[0] else {
            throw Mismatch()
        }
        #expect(plan.name == "tea" && plan.topic == "green" && plan.sharesHistory)
        #expect(plan.readers == nil && plan.idleMilliseconds == nil)
        let made = await client.structured("create_server", ["name": "Garden"])
        #expect(made["name"] == "Garden" && made["channel"] == "general")
        guard case .createServer("Garden", "", .majority) = await port.performed[1] else {
            throw Mismatch()
        }
        _ = await client.structured("create_server", ["name": "Jury", "threshold": "unanimous"])
        guard case .createServer("Jury", "", .unanimous) = await port.performed[2] else {
            throw Mismatch()
        }
        let odd = await client.refusal("create_server", ["name": "X", "threshold": "count:0"])
        #expect(odd["code"] == "invalid_argument")
        #expect(await port.chosen.server == Fake.serverID)

        await port.set { $0.serverList.append(Fake.server(2, name: "Work")) }
        let switched = await client.structured("switch_server", ["id": "Work"])
        #expect(switched["outcome"] == "applied" && switched["name"] == "Work")
        #expect(await client.structured("switch_server", ["id": "Work"])["outcome"] == "unchanged")
        #expect(
            await client.refusal("switch_server", ["id": "Nowhere"])["code"] == "unknown_server")
        let back = await client.structured("switch_channel", ["name": "Home/#general"])
        #expect(
            back == [
                "outcome": "applied", "server_id": server, "channel": "general",
                "channel_id": .string(Fake.generalID.hex),
            ])
        #expect(
            await client.structured("switch_channel", ["name": "general"])["outcome"]
                == "unchanged")
        #expect(await client.structured("mark_read")["outcome"] == "unchanged")
        await port.set { $0.serverList.append(Fake.server(3, name: "Work")) }
        let twins = await client.refusal("switch_server", ["id": "Work"])
        #expect(twins["code"] == "ambiguous_id" && twins["candidates"]?.array?.count == 2)
    }

    private struct Mismatch: Error {}

    @Test func `set_display_name names this peer everywhere`() async throws {
        let result = await client.structured("set_display_name", ["name": "Ada"])
        #expect(result["name"] == "Ada")
        guard case .setDisplayName(nil, "Ada") = await port.performed[0] else {
            throw Mismatch()
        }
    }

    @Test func `an invite needs consent, and its text goes only to the caller`() async throws {
        let recipient = JSON.string(Fake.peer(7).hex)
        let refusal = await client.refusal("generate_invite", ["recipient_peer_id": recipient])
        #expect(
            refusal == [
                "code": "consent_required",
                "message": .string(
                    "This would make peer \(Fake.peer(7).hex) a member of server \"Home\" "
                        + "(5100000000000001), signed for all members to see. Nothing was done. "
                        + "Repeat with confirm:true to do it."),
            ])
        let result = await client.structured(
            "generate_invite",
            ["recipient_peer_id": recipient, "expires_at": "2h", "confirm": true])
        #expect(
            result["invite_code"] == "pa1_code"
                && result["expires_at"] == "2026-01-01T02:00:00Z")
        guard
            case .invite(Fake.serverID, Fake.peer(7), FakePort.start + 7_200_000, nil) =
                await port.performed[0]
        else { throw Mismatch() }
        let past = await client.refusal(
            "generate_invite", ["recipient_peer_id": recipient, "expires_at": "2020-01-01"])
        #expect(past["code"] == "invalid_argument")
    }

    @Test func `accepting an invite and adding a peer need consent`() async throws {
        #expect(
            await client.refusal("accept_invite", ["code": "pa1_x"])["code"]
                == "consent_required")
        let joined = await client.structured("accept_invite", ["code": "pa1_x", "confirm": true])
        #expect(
            joined == [
                "outcome": "applied", "server_id": server, "name": "Garden",
                "inviter": .string(Fake.peer(2).hex),
            ])
        let refusal = await client.refusal("add_peer", ["address": "10.0.0.1:4646"])
        #expect(refusal["code"] == "consent_required")
        #expect(refusal["message"]?.string?.contains("10.0.0.1:4646") == true)
        let added = await client.structured(
            "add_peer",
            [
                "address": "10.0.0.1:4646", "peer_id": .string(Fake.peer(3).hex),
                "confirm": true,
            ])
        #expect(
            added == [
                "outcome": "applied", "peer_id": .string(Fake.peer(3).hex),
                "address": "10.0.0.1:4646",
            ])
        guard case .addPeer("10.0.0.1:4646", Fake.peer(3)) = await port.performed[1] else {
            throw Mismatch()
        }
    }

    @Test func `consent off asks nothing, consent human is never given by confirm`() async {
        let off = TestClient { $0.consent = .off }
        #expect(await off.structured("add_peer", ["address": "h:1"])["outcome"] == "applied")
        let human = TestClient { $0.consent = .human }
        let refusal = await human.refusal("add_peer", ["address": "h:1", "confirm": true])
        #expect(refusal["code"] == "consent_required")
        #expect(await human.port.performed.isEmpty)
    }

    @Test func `S-296 the 21st post at once is refused with the time to wait`() async {
        let client = TestClient { $0.rates = RateLimiter.defaults }
        let arguments: JSONObject = ["channel": "general", "body": "x"]
        for _ in 0..<20 {
            #expect(await client.structured("send_message", arguments)["outcome"] == "applied")
        }
        let refusal = await client.refusal("send_message", arguments)
        #expect(refusal["code"] == "rate_limited" && refusal["retry_after_ms"] == 1_000)
        await client.port.advance(1_000)
        #expect(await client.structured("send_message", arguments)["outcome"] == "applied")
    }

    @Test(
        arguments: [
            ("search_messages", ["query": "x"], 10, 200),
            ("verify_state", ["timeout_s": 0], 3, 10_000),
        ] as [(String, JSONObject, Int, UInt64)])
    func `S-296 what costs others much has a bucket of its own`(
        tool: String, arguments: JSONObject, burst: Int, wait: UInt64
    ) async {
        let client = TestClient { $0.rates = RateLimiter.defaults }
        for _ in 0..<burst {
            let result = await client.structured(tool, arguments)
            #expect(result["error"]?["code"] != "rate_limited")
        }
        let refusal = await client.refusal(tool, arguments)
        #expect(refusal["code"] == "rate_limited" && refusal["retry_after_ms"] == JSON(wait))
        #expect(await client.structured("read_channel", ["channel": "general"])["error"] == nil)
        await client.port.advance(wait)
        let again = await client.structured(tool, arguments)
        #expect(again["error"]?["code"] != "rate_limited")
    }

    @Test(
        arguments: [
            (.unknownServer, "unknown_server", nil), (.unknownChannel, "unknown_channel", nil),
            (.unknownMessage, "unknown_message", nil), (.unknownPeer, "unknown_peer", nil),
            (.ambiguousID, "ambiguous_id", nil), (.ambiguousName, "ambiguous_channel", nil),
            (.badCursor, "bad_cursor", nil), (.invalidArgument, "invalid_argument", nil),
            (.noPermission, "permission_denied", "noPermission"),
            (.notMember, "not_member", "notMember"), (.alreadyMember, "conflict", "alreadyMember"),
            (.notHigher, "permission_denied", "notHigher"),
            (.notReader, "permission_denied", "notReader"), (.limit, "conflict", "limit"),
            (.wrongChannel, "conflict", "wrongChannel"),
            (.wrongRecipient, "conflict", "wrongRecipient"),
            (.malformedInvite, "unknown_invite", "malformedInvite"),
            (.inviteExpired, "expired", "inviteExpired"), (.tooLarge, "too_large", "tooLarge"),
            (.badText, "invalid_argument", "badText"), (.nameTaken, "name_taken", nil),
            (.noKey, "no_key", "noKey"), (.conflict, "conflict", nil),
            (.ruleRefused, "conflict", "ruleRefused"), (.recovering, "unavailable", "recovering"),
            (.storeFailed, "unavailable", "storeFailed"), (.diskFull, "unavailable", nil),
            (.shuttingDown, "unavailable", nil), (.timeout, "timeout", nil),
            (.offline, "offline", nil), (.tooManyWaiters, "rate_limited", nil),
            (.listenFailed, "unavailable", nil), (.overRate, "quota_exceeded", "overRate"),
            (.overBudget, "quota_exceeded", "overBudget"),
            (.expired, "quota_exceeded", "expired"), (.lapsed, "quota_exceeded", "lapsed"),
            (.notOwner, "permission_denied", "notOwner"),
            (.attenuated, "permission_denied", "attenuated"),
        ] as [(NodeCode, String, String?)])
    func `each refusal of the node has its word`(
        code: NodeCode, word: String, rule: String?
    ) async {
        await port.set { $0.answers = [.failure(NodeFailure(code, "detail"))] }
        let refusal = await client.refusal("send_message", ["channel": "general", "body": "x"])
        #expect(refusal["code"]?.string == word)
        #expect(refusal["rule"]?.string == rule)
        #expect(refusal["message"]?.string?.contains("(detail)") == true)
        let right = code == .notReader ? "reader" : "SendMessages"
        let needed = word == "permission_denied" ? [right] : nil
        #expect(refusal["needed"]?.array?.compactMap(\.string) == needed)
    }
}
