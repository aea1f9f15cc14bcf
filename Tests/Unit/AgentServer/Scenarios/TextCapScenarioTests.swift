import AgentServer
import PeerState
import PeerTesting
import Testing

/// S-026: every text at its cap, beyond it, and with what it may not hold.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct TextCapScenarioTests {
    struct Field: CustomTestStringConvertible, Sendable {
        let tool: String
        let name: String
        let cap: Int
        var more: JSONObject = [:]
        /// A name is not blank, holds no bidi control and neither begins nor ends with a space.
        var isName = false
        var mayBeEmpty = true
        /// Line feeds and tabs.
        var isMultiline = false

        var testDescription: String { "\(tool).\(name)" }
    }

    static let fields: [Field] = [
        Field(tool: "rename_server", name: "name", cap: 100, isName: true, mayBeEmpty: false),
        Field(tool: "set_server_description", name: "description", cap: 1_000, isMultiline: true),
        Field(
            tool: "rename_channel", name: "name", cap: 100, more: ["channel": "general"],
            isName: true, mayBeEmpty: false),
        Field(
            tool: "set_channel_topic", name: "topic", cap: 500, more: ["channel": "general"],
            isMultiline: true),
        Field(tool: "create_role", name: "name", cap: 64, isName: true, mayBeEmpty: false),
        Field(
            tool: "set_server_display_name", name: "name", cap: 64, isName: true,
            mayBeEmpty: false),
        Field(tool: "set_profile", name: "pronouns", cap: 32),
        Field(tool: "set_profile", name: "bio", cap: 240, isMultiline: true),
        Field(tool: "set_profile", name: "tagline", cap: 80),
        Field(tool: "set_profile", name: "pinned", cap: 280, isMultiline: true),
        Field(tool: "set_profile", name: "since", cap: 32),
        Field(tool: "set_profile", name: "model", cap: 64),
        Field(tool: "react", name: "emoji", cap: 32, mayBeEmpty: false),
        Field(
            tool: "send_message", name: "body", cap: 16_384, more: ["channel": "general"],
            mayBeEmpty: false, isMultiline: true),
    ]

    private func arguments(_ field: Field, _ text: String, _ message: JSON) -> JSONObject {
        var arguments: JSONObject = [field.name: .string(text)]
        for member in field.more.members {
            // The channel has another name once it was renamed.
            arguments[member.key] = member.value
        }
        if field.tool == "react" { arguments["message_id"] = message }
        return arguments
    }

    @Test(arguments: fields)
    func `S-026 a text is taken up to its cap, and refused with a code beyond`(
        field: Field
    ) async throws {
        let desk = try MeshDesk(seed: 26, count: 2)
        let owner = desk.client(0)
        let message =
            await owner.structured("send_message", ["channel": "general", "body": "m"])[
                "message_id"] ?? .null
        var field = field
        if !field.more.members.isEmpty {
            field.more = ["channel": .string(await desk.general.hex)]
        }
        let long = String(repeating: "a", count: field.cap - 1)
        for text in [long + "b", String(long.dropLast()) + "é"] {
            #expect(text.utf8.count == field.cap)
            let done = await owner.structured(field.tool, arguments(field, text, message))
            #expect(done["outcome"] == "applied", "\(done.text)")
        }
        await desk.settle()
        let before = try #require(await desk.state(0))
        var refused = [long + "bc", long + "é", "a\u{0}b"]
        if !field.mayBeEmpty { refused.append("") }
        if !field.isMultiline { refused += ["a\u{7}b", "a\nb"] }
        if field.isName { refused += ["a\u{202E}b", " a", "a\u{3000}", " "] }
        for text in refused {
            let result = await owner.call(field.tool, arguments(field, text, message))
            let code = result["structuredContent"]?["error"]?["code"]?.string ?? result.text
            #expect(["invalid_argument", "too_large"].contains(code), "\(text.debugDescription)")
        }
        let after = try #require(await desk.state(0))
        #expect(StateHash.hash(of: after) == StateHash.hash(of: before))
        #expect(after.graph.count == before.graph.count)
    }

    @Test func `S-026 one bad field of a profile leaves all others as they were`() async throws {
        let desk = try MeshDesk(seed: 27, count: 2)
        let owner = desk.client(0)
        _ = await owner.structured("set_profile", ["bio": "sails", "tagline": "aye"])
        let refused = await owner.refusal(
            "set_profile",
            ["bio": "rows", "tagline": .string(String(repeating: "a", count: 81))])
        #expect(refused["code"] == "invalid_argument")
        let again = await owner.structured("set_profile", ["pronouns": "she"])
        #expect(again["profile"]?["bio"] == "sails" && again["profile"]?["tagline"] == "aye")
    }
}
