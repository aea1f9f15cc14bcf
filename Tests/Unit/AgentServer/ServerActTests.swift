import AgentServer
import PeerState
import PeerTesting
import Testing

/// Acts on channels, servers and join links, by tools of real nodes (MCP 3.4, 3.5).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct ServerActTests {
    @Test func `channels are renamed, described, rekeyed and deleted`() async throws {
        let desk = try MeshDesk(seed: 91, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let made = await owner.structured("create_voice_channel", ["name": "lounge"])
        #expect(made["outcome"] == "applied" && made["name"] == "lounge")
        let id = made["channel_id"]
        #expect(
            await owner.refusal("create_channel", ["name": "lounge"])["code"] == "name_taken")
        let renamed = await owner.structured(
            "rename_channel", ["channel": "lounge", "name": "den"])
        #expect(renamed["outcome"] == "applied" && renamed["channel_id"] == id)
        let topic: JSONObject = ["channel": "den", "topic": "quiet talk"]
        #expect(await owner.structured("set_channel_topic", topic)["outcome"] == "applied")
        #expect(await owner.structured("set_channel_topic", topic)["outcome"] == "unchanged")
        let before = try #require(await desk.state(0)?.newestEpoch(of: desk.general)?.id)
        let rotated = await owner.structured("rotate_key", ["channel": "general"])
        #expect(rotated["outcome"] == "applied" && rotated["epoch"]?.string != before.hex)
        await desk.settle()
        #expect(await desk.hashes().count == 1)

        let refused = await member.refusal("rename_channel", ["channel": "den", "name": "x"])
        #expect(
            refused["code"] == "permission_denied" && refused["needed"] == ["ManageChannels"])
        #expect(
            await owner.refusal("delete_channel", ["name": "den"])["code"] == "consent_required")
        let deleted = await owner.structured("delete_channel", ["name": "den", "confirm": true])
        #expect(deleted["outcome"] == "applied" && deleted["messages_hidden"] == 0)
        #expect(
            await owner.refusal("rename_channel", ["channel": "den", "name": "x"])["code"]
                == "unknown_channel")
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }

    @Test func `a server is renamed and described by admins`() async throws {
        let desk = try MeshDesk(seed: 92, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let renamed = await owner.structured("rename_server", ["name": "Haven"])
        #expect(renamed["outcome"] == "applied" && renamed["name"] == "Haven")
        #expect(
            await owner.structured("rename_server", ["name": "Haven"])["outcome"] == "unchanged")
        let text: JSONObject = ["description": "Boats and talk"]
        #expect(
            await owner.structured("set_server_description", text)["outcome"] == "applied")
        let refused = await member.refusal("rename_server", ["name": "Mine"])
        #expect(refused["code"] == "permission_denied" && refused["needed"] == ["admin"])
        let named = await member.structured("set_server_display_name", ["name": "Bo"])
        #expect(named["outcome"] == "applied" && named["name"] == "Bo")
        await desk.settle()
        let state = try #require(await desk.state(1))
        #expect(state.name == "Haven" && state.description == "Boats and talk")
        #expect(await desk.state(0)?.displayName(of: desk.peers[1]) == "Bo")
    }

    @Test func `a member leaves, the owner cannot`() async throws {
        let desk = try MeshDesk(seed: 93, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let id = JSON.string(await desk.server.hex)
        let stays = await owner.refusal("leave_server", ["id": id, "confirm": true])
        #expect(stays["code"] == "conflict" && stays["rule"] == "ownerCannotLeave")
        #expect(await member.refusal("leave_server", ["id": id])["code"] == "consent_required")
        let left = await member.structured("leave_server", ["id": id, "confirm": true])
        #expect(left["outcome"] == "applied" && left["data"] == "kept")
        await desk.settle()
        #expect(await desk.state(0)?.standing(of: desk.peers[1]) == nil)
        let place = JSON.string("\(await desk.server.hex)/#general")
        let refused = await member.refusal(
            "send_message", ["channel": place, "body": "still here?"])
        #expect(refused["code"] == "not_member" || refused["code"] == "no_key")
    }

    @Test func `join links are made and closed`() async throws {
        let desk = try MeshDesk(seed: 94, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        #expect(
            await owner.refusal("create_join_link", ["max_uses": 3])["code"]
                == "consent_required")
        let made = await owner.structured(
            "create_join_link", ["max_uses": 3, "expires_at": "2h", "confirm": true])
        #expect(made["max_uses"] == 3 && made["link"]?.string?.hasPrefix("pa1_") == true)
        let link = try #require(made["link_id"]?.string.flatMap { Event.ID(hex: $0) })
        #expect(await desk.state(0)?.link(link)?.status == .live)
        // MCP 3.5: a time, or ms since 1970, as a number or a text.
        let later = FakePort.start + 3_600_000
        for time in [JSON(later), .string("\(later)"), "1h"] {
            let timed = await owner.structured(
                "create_join_link", ["max_uses": 1, "expires_at": time, "confirm": true])
            #expect(timed["expires_at"] == "2026-01-01T01:00:00Z")
        }
        let refused = await member.refusal(
            "create_join_link", ["max_uses": 1, "confirm": true])
        #expect(
            refused["code"] == "permission_denied" && refused["needed"] == ["CreateInvite"])
        let close: JSONObject = ["link_id": .string(link.hex)]
        #expect(await owner.structured("delete_join_link", close)["outcome"] == "applied")
        #expect(await owner.structured("delete_join_link", close)["outcome"] == "unchanged")
        #expect(await desk.state(0)?.link(link)?.status == .revoked)
        let unknown = await owner.refusal(
            "delete_join_link", ["link_id": .string(String(repeating: "0", count: 64))])
        #expect(unknown["code"] == "unknown_invite")
    }
}
