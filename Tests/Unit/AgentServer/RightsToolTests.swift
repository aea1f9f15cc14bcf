import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Access, agents, late messages and explanations, by tools of real cores (MCP 3.4).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct RightsToolTests {
    @Test func `an agent is added with limits, and why names them`() async throws {
        let desk = try MeshDesk(seed: 301, count: 2)
        let owner = desk.client(0)
        let agent = Fake.peer(77)
        var arguments: JSONObject = [
            "peer_id": .string(agent.hex), "channels": ["general"],
            "kinds": ["message", "reaction"], "events_per_min": 10, "expires_at": "3d",
        ]
        let asked = await owner.refusal("add_agent", arguments)
        #expect(asked["code"] == "consent_required")
        #expect(asked["message"]?.string?.contains(agent.hex) == true)
        arguments["confirm"] = true
        let added = await owner.structured("add_agent", arguments)
        #expect(added["outcome"] == "applied" && added["level"] == "member")
        #expect(added["attenuation"]?["kinds"] == ["message", "reaction"])
        #expect(added["attenuation"]?["events_per_min"] == 10)
        #expect(await owner.refusal("add_agent", arguments)["code"] == "conflict")
        await desk.settle()
        #expect(await desk.state(1)?.isAgent(agent) == true)
        let why = await desk.client(1).structured("why", ["subject": .string(agent.hex)])
        #expect(why["verdict"] == "active")
        #expect(why["explanation"]?.string?.contains("events_per_min") == true)
        let wrong = await owner.refusal(
            "add_agent", ["peer_id": .string(Fake.peer(78).hex), "kinds": ["everything"]])
        #expect(wrong["code"] == "invalid_argument")
    }

    @Test func `a kicked member's late message is accepted by a longer pin`() async throws {
        let desk = try MeshDesk(seed: 302, count: 3)
        let (owner, member) = (desk.client(0), desk.client(1))
        let state = try #require(await desk.state(0))
        let before = try #require(state.lastPlace(of: desk.peers[1]))
        let sent = await member.structured(
            "send_message", ["channel": "general", "body": "late"])
        await desk.settle()
        let kicked = await owner.structured(
            "kick_member",
            [
                "peer_id": .string(desk.peers[1].hex),
                "last_accepted": .string(before.id.hex), "confirm": true,
            ])
        #expect(kicked["outcome"] == "applied" && kicked["voided"] == 1)
        await desk.settle()
        let message = sent["message_id"] ?? .null
        let why = await desk.client(2).structured("why", ["subject": message])
        #expect(why["verdict"] == "void" && why["rule"] == "voidedByRemoval")
        #expect(
            why["chain"]?.array?.contains {
                $0["kind"] == "member.remove" && $0["event_id"] == kicked["event_id"]
            } == true)
        let act: JSONObject = ["event_id": kicked["event_id"] ?? .null, "up_to": message]
        var rehearsal = act
        rehearsal["dry_run"] = true
        let rehearsed = await owner.structured("extend_removal", rehearsal)
        #expect(rehearsed["returned"] == 1 && rehearsed["outcome"] == "unchanged")
        let extended = await owner.structured("extend_removal", act)
        #expect(extended["outcome"] == "applied" && extended["returned"] == 1)
        // The same again signs nothing, and an event of somebody else is no place to end at.
        let same = await owner.structured("extend_removal", act)
        #expect(same["outcome"] == "unchanged" && same["event_id"] == extended["event_id"])
        #expect(same["last_accepted"]?["event_id"] == message && same["seq"] == nil)
        let strange = await owner.refusal(
            "extend_removal",
            ["event_id": kicked["event_id"] ?? .null, "up_to": kicked["event_id"] ?? .null])
        #expect(strange["code"] == "conflict")
        await desk.settle()
        let again = await desk.client(2).structured("why", ["subject": message])
        #expect(again["verdict"] == "effective")
        #expect(await desk.refusalOfMember(2, act)["code"] == "permission_denied")
    }

    @Test func `S-118 a channel is closed to all but a role, and opened again`() async throws {
        let desk = try MeshDesk(seed: 303, count: 2)
        let owner = desk.client(0)
        let made = await owner.structured("create_role", ["name": "crew"])
        let role = made["role_id"] ?? .null
        let own = JSON.string(desk.peers[0].hex)
        _ = await owner.structured("assign_role", ["peer_id": own, "role_id": role])
        let closed = await owner.structured(
            "set_channel_access", ["channel": "general", "roles": [role], "confirm": true])
        #expect(closed["outcome"] == "applied" && closed["roles"] == [role])
        #expect(closed["keys_rotated"]?.array?.count == 1)
        await desk.settle()
        let refused = await desk.client(1).refusal(
            "send_message", ["channel": "general", "body": "x"])
        #expect(refused["code"] == "permission_denied" && refused["rule"] == "notReader")
        let opened = await owner.structured(
            "set_channel_access", ["channel": "general", "roles": [], "confirm": true])
        #expect(opened["outcome"] == "applied" && opened["roles"] == [])
        await desk.settle()
        let sent = await desk.client(1).structured(
            "send_message", ["channel": "general", "body": "back"])
        #expect(sent["outcome"] == "applied")
        let again = await owner.structured(
            "set_channel_access", ["channel": "general", "roles": [], "confirm": true])
        #expect(again["outcome"] == "unchanged")
        let unknown = await owner.refusal(
            "set_channel_access",
            ["channel": "general", "roles": [.string(Fake.event(5).hex)], "confirm": true])
        #expect(unknown["code"] == "unknown_role")
    }

    @Test func `history is handed over once, by a reader to a reader`() async throws {
        let desk = try MeshDesk(seed: 304, count: 2)
        let owner = desk.client(0)
        _ = await owner.structured("create_channel", ["name": "log", "history": "since_join"])
        _ = await owner.structured("rotate_key", ["channel": "log"])
        await desk.settle()
        let arguments: JSONObject = ["channel": "log", "peer_id": .string(desk.peers[1].hex)]
        let nothing = await owner.structured("share_history", arguments)
        #expect(nothing["outcome"] == "unchanged" && nothing["epochs"] == 0)
        var stranger = arguments
        stranger["peer_id"] = .string(Fake.peer(9).hex)
        #expect(await owner.refusal("share_history", stranger)["code"] == "unknown_peer")
    }

    @Test func `S-042 a name that is worn already is nothing new`() async throws {
        let desk = try MeshDesk(seed: 307, count: 1)
        let owner = desk.client(0)
        for outcome in ["applied", "unchanged"] {
            let named = await owner.structured("set_display_name", ["name": "Ada"])
            #expect(named["outcome"] == .string(outcome))
        }
    }

    @Test func `a quiet channel is revived`() async throws {
        let desk = try MeshDesk(seed: 305, count: 2)
        let owner = desk.client(0)
        let short = await owner.refusal("create_channel", ["name": "brief", "idle": "5m"])
        #expect(short["code"] == "invalid_argument")
        _ = await owner.structured("create_channel", ["name": "brief", "idle": "1h"])
        let revived = await owner.structured("revive_channel", ["channel": "brief"])
        #expect(revived["outcome"] == "applied" && revived["state"] == "active")
        let always = await owner.structured("revive_channel", ["channel": "general"])
        #expect(always["outcome"] == "unchanged" && always["state"] == "active")
    }

    @Test func `a profile keeps what is not given and clears what is empty`() async throws {
        let desk = try MeshDesk(seed: 306, count: 2)
        let member = desk.client(1)
        let set = await member.structured(
            "set_profile",
            [
                "bio": "likes tea", "peer_kind": "agent", "data_policy": "cloud:acme",
                "elsewhere": ["a", "b"], "crest_colour": "#00ff7F",
            ])
        #expect(set["outcome"] == "applied")
        #expect(set["profile"]?["bio"] == "likes tea" && set["profile"]?["peer_kind"] == "agent")
        #expect(set["profile"]?["data_policy"] == "cloud:acme")
        let cleared = await member.structured(
            "set_profile", ["bio": "", "peer_kind": "agent"])
        #expect(cleared["profile"]?["bio"] == nil)
        #expect(cleared["profile"]?["elsewhere"] == ["a", "b"])
        let same = await member.structured("set_profile", ["peer_kind": "agent"])
        #expect(same["outcome"] == "unchanged")
        let long = await member.refusal(
            "set_profile", ["bio": .string(String(repeating: "x", count: 241))])
        #expect(long["code"] == "invalid_argument")
        for (field, value) in [
            ("crest_colour", "red"), ("data_policy", "elsewhere"), ("operator", "ann"),
            ("peer_kind", "robot"),
        ] {
            let refusal = await member.refusal(
                "set_profile", JSONObject([.init(field, .string(value))]))
            #expect(refusal["code"] == "invalid_argument", "\(field)")
        }
        await desk.settle()
        #expect(await desk.state(0)?.isAgent(desk.peers[1]) == true)
        #expect(await desk.hashes().count == 1)
    }

    @Test func `workers are let in to let others in, and nothing else`() async throws {
        let desk = try MeshDesk(seed: 307, count: 2)
        let owner = desk.client(0)
        let worker = Fake.peer(88)
        let ids: JSON = [.string(worker.hex), .string(desk.peers[1].hex)]
        let done = await owner.structured(
            "authorize_workers", ["worker_peer_ids": ids, "confirm": true])
        #expect(done["outcome"] == "applied")
        #expect(done["events"]?.array?.map { $0["outcome"] } == ["applied", "applied"])
        let state = try #require(await desk.state(0))
        #expect(state.permissions(of: worker, at: state.now).contains(.syncProvider))
        #expect(state.channels(readBy: worker).isEmpty)
        #expect(state.permissions(of: desk.peers[1], at: state.now).contains(.syncProvider))
        let again = await owner.structured(
            "authorize_workers", ["worker_peer_ids": ids, "confirm": true])
        #expect(again["outcome"] == "unchanged")
    }

    @Test func `why explains codes, votes and the unknown`() async throws {
        let desk = try MeshDesk(seed: 308, count: 2)
        let owner = desk.client(0)
        for code in ["unknown_channel", "permission_denied", "loopGuard", "notSenior", "stale"] {
            let told = await owner.structured("why", ["subject": .string(code)])
            #expect(told["verdict"] == "code" && told["rule"]?.string == code)
            #expect((told["explanation"]?.string?.count ?? 0) > 20)
        }
        let unknown = await owner.refusal(
            "why", ["subject": .string(String(repeating: "0", count: 64))])
        #expect(unknown["code"] == "unknown_message")
        let proposed = await owner.structured("set_threshold", ["threshold": "unanimous"])
        let why = await owner.structured("why", ["subject": proposed["proposal_id"] ?? .null])
        #expect(why["verdict"] == "effective")
        #expect(why["explanation"]?.string?.contains("Votes: 1 of 1") == true)
        #expect(why["chain"]?.array?.contains { $0["effect"] == "yes" } == true)
    }

    @Test func `every code of a rule between peers has a sentence`() async throws {
        let client = TestClient()
        for code in RuleCode.allCases {
            let told = await client.call("why", ["subject": .string(code.word)])
            #expect(told["isError"] == nil, "\(code.word)")
        }
    }

    @Test func `muting names exactly one place`() async throws {
        let client = TestClient()
        let done = await client.structured("mute", ["channel": "general", "muted": true])
        #expect(done == ["outcome": "applied", "muted": true])
        let muted = await client.port.muted
        #expect(muted.map(\.subject) == [.channel(Fake.generalID, in: Fake.serverID)])
        let until = await client.structured(
            "mute", ["server": "Home", "muted": true, "until": "1h"])
        #expect(until["until"] == "2026-01-01T01:00:00Z")
        for arguments: JSONObject in [
            ["muted": true], ["muted": true, "channel": "general", "server": "Home"],
        ] {
            #expect(await client.refusal("mute", arguments)["code"] == "invalid_argument")
        }
    }
}

extension MeshDesk {
    fileprivate nonisolated func refusalOfMember(_ node: Int, _ act: JSONObject) async -> JSON {
        await client(node).refusal("extend_removal", act)
    }
}
