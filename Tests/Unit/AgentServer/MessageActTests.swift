import AgentServer
import PeerState
import PeerTesting
import Testing

/// Acts on messages, by tools of real nodes (MCP 3.3, PROTOCOL 4.7).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct MessageActTests {
    private func post(_ client: TestClient, _ text: String) async -> JSONObject {
        let sent = await client.structured(
            "send_message", ["channel": "general", "body": .string(text)])
        return ["message_id": sent["message_id"] ?? .null]
    }

    private func with(_ message: JSONObject, _ more: JSONObject) -> JSONObject {
        var result = message
        for member in more.members { result[member.key] = member.value }
        return result
    }

    @Test func `an own message is edited and deleted, once`() async throws {
        let desk = try MeshDesk(seed: 81, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let message = await post(member, "first")
        let id = message["message_id"]
        await desk.settle()
        let edited = await member.structured("edit_message", with(message, ["new_body": "second"]))
        #expect(edited["outcome"] == "applied" && edited["message_id"] == id)
        let foreign = await owner.refusal("edit_message", with(message, ["new_body": "third"]))
        #expect(foreign["code"] == "not_author" && foreign["rule"] == "notAuthor")
        await desk.settle()
        let posted = try #require(Event.ID(hex: id?.string ?? ""))
        let state = try #require(await desk.state(0))
        #expect(state.message(posted)?.status == .edited)

        let deleted = await member.structured("delete_message", with(message, ["reason": "typo"]))
        #expect(deleted["outcome"] == "applied")
        #expect(await desk.state(1)?.message(posted)?.status == .deleted)
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }

    @Test func `a moderator deletes what others wrote, a member does not`() async throws {
        let desk = try MeshDesk(seed: 82, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let ofOwner = await post(owner, "from above")
        let ofMember = await post(member, "from below")
        await desk.settle()
        let refused = await member.refusal("delete_message", ofOwner)
        #expect(refused["code"] == "not_author")
        #expect(refused["needed"] == ["ModerateMessages"])
        #expect(await owner.structured("delete_message", ofMember)["outcome"] == "applied")
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }

    @Test func `reactions are counted, and taken back by whoever gave them`() async throws {
        let desk = try MeshDesk(seed: 83, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let message = await post(owner, "tea?")
        await desk.settle()
        let reaction = with(message, ["emoji": "🍵"])
        let first = await member.structured("react", reaction)
        #expect(first["outcome"] == "applied" && first["reactions"] == ["🍵": 1])
        let again = await member.structured("react", reaction)
        #expect(again["outcome"] == "unchanged" && again["event_id"] == first["event_id"])
        await desk.settle()
        #expect(await owner.structured("unreact", reaction)["outcome"] == "unchanged")
        let back = await member.structured("unreact", reaction)
        #expect(back["outcome"] == "applied" && back["reactions"] == [:])
        await desk.settle()
        #expect(await desk.hashes().count == 1)
        let long = await member.refusal(
            "react", with(message, ["emoji": .string(String(repeating: "x", count: 33))]))
        #expect(long["code"] == "invalid_argument")
    }

    @Test func `twenty reactions of one author are the most`() async throws {
        let desk = try MeshDesk(seed: 84, count: 2)
        let member = desk.client(1)
        let message = await post(member, "count")
        for number in 0..<20 {
            let reaction = with(message, ["emoji": .string("e\(number)")])
            #expect(await member.structured("react", reaction)["outcome"] == "applied")
        }
        let refusal = await member.refusal("react", with(message, ["emoji": "one more"]))
        #expect(refusal["code"] == "conflict" && refusal["rule"] == "limit")
    }

    @Test func `pins need ManagePins and hold until they are taken away`() async throws {
        let desk = try MeshDesk(seed: 85, count: 2)
        let (owner, member) = (desk.client(0), desk.client(1))
        let message = await post(member, "keep this")
        await desk.settle()
        let refused = await member.refusal("pin_message", message)
        #expect(refused["code"] == "permission_denied" && refused["needed"] == ["ManagePins"])
        let pinned = await owner.structured("pin_message", message)
        #expect(pinned["outcome"] == "applied" && pinned["pins"] == 1)
        #expect(await owner.structured("pin_message", message)["outcome"] == "unchanged")
        let unpinned = await owner.structured("unpin_message", message)
        #expect(unpinned["outcome"] == "applied" && unpinned["pins"] == 0)
        #expect(await owner.structured("unpin_message", message)["outcome"] == "unchanged")
        await desk.settle()
        #expect(await desk.hashes().count == 1)
    }

    @Test func `a message is not looked for in another channel`() async throws {
        let desk = try MeshDesk(seed: 86, count: 2)
        let owner = desk.client(0)
        let message = await post(owner, "here")
        _ = await owner.structured("create_channel", ["name": "side"])
        let refusal = await owner.refusal(
            "react", with(message, ["channel": "side", "emoji": "x"]))
        #expect(refusal["code"] == "unknown_message")
        let unknown = await owner.refusal(
            "pin_message", ["message_id": .string(String(repeating: "0", count: 64))])
        #expect(unknown["code"] == "unknown_message")
    }
}
