import AgentServer
import PeerState
import PeerTesting
import Testing

/// Acts on people, roles and votes, by tools of real nodes (MCP 3.4, PROTOCOL 5).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct RightsActTests {
    private func peer(_ desk: MeshDesk, _ node: Int, _ more: JSONObject = [:]) -> JSONObject {
        var result: JSONObject = ["peer_id": .string(desk.peers[node].hex)]
        for member in more.members { result[member.key] = member.value }
        return result
    }

    @Test func `a kick asks first, can be tried, and renews the keys`() async throws {
        let desk = try MeshDesk(seed: 101, count: 3)
        let (owner, member) = (desk.client(0), desk.client(1))
        let asked = await owner.refusal("kick_member", peer(desk, 2))
        #expect(asked["code"] == "consent_required")
        #expect(asked["message"]?.string?.contains(desk.peers[2].hex) == true)
        #expect(asked["message"]?.string?.contains("0 events would lose") == true)
        let tried = await owner.structured("kick_member", peer(desk, 2, ["dry_run": true]))
        #expect(tried["outcome"] == "unchanged" && tried["would_void"] == [])
        #expect(await desk.state(0)?.standing(of: desk.peers[2]) != nil)
        let refused = await member.refusal("kick_member", peer(desk, 2, ["confirm": true]))
        #expect(refused["code"] == "permission_denied" && refused["needed"] == ["moderator"])
        let kicked = await owner.structured(
            "kick_member", peer(desk, 2, ["reason": "noise", "confirm": true]))
        #expect(kicked["outcome"] == "applied" && kicked["voided"] == 0)
        #expect(kicked["keys_rotated"] == [.string(await desk.general.hex)])
        #expect(kicked["last_accepted"]?["seq"]?.integer ?? 0 > 0)
        await desk.settle()
        #expect(await desk.state(1)?.standing(of: desk.peers[2]) == nil)
        let gone = await owner.refusal("kick_member", peer(desk, 2, ["confirm": true]))
        #expect(gone["code"] == "unknown_peer")
    }

    @Test func `the beginning of a peer id is enough for who is known`() async throws {
        let desk = try MeshDesk(seed: 103, count: 3)
        let owner = desk.client(0)
        let whole = desk.peers[1].hex
        let raised = await owner.structured(
            "trust_peer", ["peer_id": .string(String(whole.prefix(16)))])
        #expect(raised["outcome"] == "applied")
        #expect(await desk.state(0)?.standing(of: desk.peers[1])?.level == .admin)
        #expect(await desk.state(0)?.standing(of: desk.peers[2])?.level == .member)
        for (text, code) in [
            (String(repeating: "0", count: 16), "unknown_peer"),
            (String(whole.prefix(15)), "invalid_argument"), ("@ann", "invalid_argument"),
        ] {
            let refused = await owner.refusal("trust_peer", ["peer_id": .string(text)])
            #expect(refused["code"] == .string(code), "\(text)")
        }
        // In lists, too; and a question asked before the act names the whole id.
        let opened = await owner.structured(
            "open_direct", ["peer_ids": [.string(String(whole.prefix(20)))], "confirm": true])
        #expect(opened["server_id"] != nil || opened["channel"] != nil)
        let asked = await owner.refusal(
            "kick_member", ["peer_id": .string(String(whole.prefix(16)))])
        #expect(asked["code"] == "consent_required")
        #expect(asked["message"]?.string?.contains(whole) == true)
    }

    @Test func `levels go up and down, and a suspension ends at the level before`() async throws {
        let desk = try MeshDesk(seed: 102, count: 2)
        let owner = desk.client(0)
        let raised = await owner.structured("trust_peer", peer(desk, 1))
        #expect(raised["outcome"] == "applied" && raised["level"] == "admin")
        #expect(
            await owner.structured("trust_peer", peer(desk, 1, ["level": "moderator"]))["outcome"]
                == "unchanged")
        let lowered = await owner.structured(
            "untrust_peer", peer(desk, 1, ["level": "moderator", "confirm": true]))
        #expect(lowered["outcome"] == "applied" && lowered["level"] == "moderator")
        #expect(await desk.state(0)?.standing(of: desk.peers[1])?.level == .moderator)
        let paused = await owner.structured(
            "suspend_peer", peer(desk, 1, ["suspended": true, "confirm": true]))
        #expect(paused["outcome"] == "applied" && paused["suspended"] == true)
        await desk.settle()
        #expect(await desk.state(0)?.isSuspended(desk.peers[1]) == true)
        #expect(
            await owner.structured("suspend_peer", peer(desk, 1, ["suspended": false]))["outcome"]
                == "applied")
        await desk.settle()
        #expect(await desk.state(1)?.standing(of: desk.peers[1])?.level == .moderator)
        #expect(await desk.hashes().count == 1)
    }

    @Test func `ownership passes on, and the former owner stays as an admin`() async throws {
        let desk = try MeshDesk(seed: 103, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let refused = await member.refusal(
            "transfer_ownership", peer(desk, 1, ["confirm": true]))
        #expect(refused["needed"] == ["owner"])
        let done = await owner.structured("transfer_ownership", peer(desk, 1, ["confirm": true]))
        #expect(done["outcome"] == "applied" && done["owner"]?.string == desk.peers[1].hex)
        await desk.settle()
        #expect(await desk.state(1)?.owner == desk.peers[1])
        #expect(await desk.state(1)?.standing(of: desk.peers[0])?.level == .admin)
        let late = await owner.refusal("kick_member", peer(desk, 1, ["confirm": true]))
        #expect(late["code"] == "permission_denied" && late["rule"] == "notSenior")
    }

    @Test func `roles give what they hold until they are taken away`() async throws {
        let desk = try MeshDesk(seed: 104, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let made = await owner.structured(
            "create_role", ["name": "Keeper", "permissions": ["ManagePins"]])
        let role: JSONObject = ["role_id": made["role_id"] ?? .null]
        let id = made["role_id"] ?? .null
        #expect(await owner.refusal("create_role", ["name": "Keeper"])["code"] == "name_taken")
        let assigned = await owner.structured("assign_role", peer(desk, 1, ["role_id": id]))
        #expect(assigned["outcome"] == "applied" && assigned["roles"] == [id])
        let set = await owner.structured(
            "set_permission",
            ["role_id": id, "permission": "ManageChannels", "granted": true])
        #expect(set["permissions"] == ["ManageChannels", "ManagePins"])
        await desk.settle()
        #expect(await member.structured("create_channel", ["name": "nook"])["outcome"] == "applied")
        #expect(
            await owner.structured("rename_role", ["role_id": id, "name": "Warden"])["name"]
                == "Warden")
        let taken = await owner.structured("unassign_role", peer(desk, 1, ["role_id": id]))
        #expect(taken["outcome"] == "applied" && taken["roles"] == [])
        await desk.settle()
        let refused = await member.refusal("create_channel", ["name": "attic"])
        #expect(refused["needed"] == ["ManageChannels"])
        #expect(await owner.refusal("delete_role", role)["code"] == "consent_required")
        var confirmed = role
        confirmed["confirm"] = true
        let deleted = await owner.structured("delete_role", confirmed)
        #expect(deleted["outcome"] == "applied" && deleted["members_affected"] == 0)
        #expect(await owner.refusal("delete_role", confirmed)["code"] == "unknown_role")
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }

    @Test func `S-298 a refusal names every right that is missing at once`() async throws {
        let desk = try MeshDesk(seed: 106, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let wanted: JSONObject = [
            "name": "keeper", "permissions": ["ManagePins", "ManageRoles", "SendMessages"],
        ]
        func needed() async -> JSON? {
            await member.refusal("create_role", wanted)["needed"]
        }
        #expect(await needed() == ["admin", "ManageRoles", "ManagePins"])
        for given in ["ManagePins", "ManageRoles"] {
            _ = await owner.structured(
                "grant_permission", peer(desk, 1, ["permission": .string(given)]))
        }
        await desk.settle()
        #expect(await needed() == ["admin"])
        _ = await owner.structured("trust_peer", peer(desk, 1))
        await desk.settle()
        #expect(await member.structured("create_role", wanted)["outcome"] == "applied")
    }

    @Test func `S-298 a channel's opener is told of its key and its readers at once`() async throws
    {
        let desk = try MeshDesk(seed: 107, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let made = await owner.structured("create_role", ["name": "crew"])
        let role = made["role_id"] ?? .null
        let speaking = peer(desk, 1, ["permission": "SendMessages"])
        _ = await owner.structured("revoke_permission", speaking)
        await desk.settle()
        func refused(_ more: JSONObject = [:]) async -> JSON {
            var wanted: JSONObject = ["name": "nook"]
            for one in more.members { wanted[one.key] = one.value }
            return await member.refusal("create_channel", wanted)
        }
        #expect(await refused()["needed"] == ["ManageChannels", "SendMessages"])
        #expect(
            await refused(["roles": [role]])["needed"]
                == ["ManageChannels", "SendMessages", "reader"])
        let voice = await member.refusal("create_voice_channel", ["name": "deck", "roles": [role]])
        #expect(voice["needed"] == ["ManageChannels", "SendMessages", "reader"])
        for given in ["SendMessages", "ManageChannels"] {
            _ = await owner.structured(
                "grant_permission", peer(desk, 1, ["permission": .string(given)]))
        }
        await desk.settle()
        let last = await refused(["roles": [role]])
        #expect(last["needed"] == ["reader"] && last["rule"] == "notReader")
        _ = await owner.structured("assign_role", peer(desk, 1, ["role_id": role]))
        await desk.settle()
        let opened = await member.structured("create_channel", ["name": "nook", "roles": [role]])
        #expect(opened["outcome"] == "applied")
        // The owner takes nothing away from what he has not heard of.
        await desk.settle()
        let keeping = peer(desk, 1, ["permission": "ManageChannels"])
        for taken in [speaking, keeping] {
            let done = await owner.structured("revoke_permission", taken)
            #expect(done["outcome"] == "applied", "\(done.text)")
        }
        await desk.settle()
        let closing = await member.refusal(
            "set_channel_access", ["channel": "nook", "roles": [], "confirm": true])
        #expect(closing["needed"] == ["ManageChannels", "SendMessages"], "\(closing.text)")
    }

    @Test func `one permission is granted and revoked`() async throws {
        let desk = try MeshDesk(seed: 105, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let pins = peer(desk, 1, ["permission": "ManagePins"])
        let granted = await owner.structured("grant_permission", pins)
        #expect(granted["effective"] == ["SendMessages", "ManagePins"])
        #expect(await owner.structured("grant_permission", pins)["outcome"] == "unchanged")
        let tried = await owner.structured(
            "revoke_permission",
            peer(desk, 1, ["permission": "SendMessages", "dry_run": true]))
        #expect(tried["outcome"] == "unchanged" && tried["effective"] == ["ManagePins"])
        let revoked = await owner.structured("revoke_permission", pins)
        #expect(revoked["outcome"] == "applied" && revoked["effective"] == ["SendMessages"])
        let refused = await member.refusal(
            "grant_permission", peer(desk, 1, ["permission": "ManageChannels"]))
        #expect(refused["needed"] == ["ManageChannels", "ManageRoles"])
        let wrong = await owner.refusal(
            "grant_permission", peer(desk, 1, ["permission": "Fly"]))
        #expect(wrong["code"] == "invalid_argument")
        #expect(wrong["message"]?.string?.contains("SyncProvider") == true)
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }
}
