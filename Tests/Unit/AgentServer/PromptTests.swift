import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 5: what the pages of prompts hold, and what completes their arguments.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct PromptTests {
    private let client = TestClient()
    private var port: FakePort { client.port }

    private func ask(_ name: String, _ arguments: JSON) async -> JSON {
        await client.ask(
            "prompts/get", TestClient.modern(["name": .string(name), "arguments": arguments]))
    }

    private func page(_ name: String, _ arguments: JSON = [:]) async -> String {
        let answer = await ask(name, arguments)
        let content = answer["result"]?["messages"]?[1]?["content"]
        return content?["resource"]?["text"]?.string ?? "\(answer.text)"
    }

    @Test func `catch_me_up without a channel shows what was said since then`() async {
        let hour: UInt64 = 3_600_000
        await port.set { $0.now = FakePort.start + 30 * hour }
        await port.post(Fake.message(1, "an old word", at: FakePort.start))
        await port.post(Fake.message(2, "a word of today", at: FakePort.start + 20 * hour))
        await port.post(Fake.message(3, "the last word", at: FakePort.start + 29 * hour))
        let usual = await page("catch_me_up")
        #expect(!usual.contains("an old word") && usual.contains("a word of today"))
        let short = await page("catch_me_up", ["since": "2h"])
        #expect(!short.contains("a word of today") && short.contains("the last word"))
        #expect(await page("catch_me_up", ["since": "1w"]).contains("an old word"))
        for arguments: JSON in [["since": "zz"], ["since": "zz", "channel": "general"]] {
            #expect(await ask("catch_me_up", arguments)["error"]?["code"] == -32_602)
        }
    }

    @Test func `review_permissions shows what each member may do, and by whom`() async {
        var agent = Fake.member(3, "robot")
        agent.isAgent = true
        agent.roles = [Fake.event(5)]
        await port.set { [agent] in $0.memberList = [Fake.member(2, "ann"), agent] }
        let text = await page("review_permissions")
        let line = text.split(separator: "\n").first { $0.contains("@robot") } ?? ""
        #expect(line.contains("may SendMessages") && line.contains("agent"))
        #expect(line.contains("roles \(Fake.event(5).short)"))
        #expect(line.contains(#"limits {"events_per_min":7}"#))
        #expect(line.contains("granted by \(Fake.peer(1).short)"))
        let ann = text.split(separator: "\n").first { $0.contains("@ann") } ?? ""
        #expect(ann.contains("may SendMessages") && !ann.contains("limits"))
    }

    @Test(arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
    func `where a text stands alone it says how far a channel has come`(
        revision: String
    ) async {
        _ = await client.initialize(revision)
        await port.post(Fake.message(1))
        let calls: [(String, JSON, String)] = [
            ("read_channel", ["channel": "general"], "channel_seq 1"),
            ("wait_for_messages", ["after": "c1_AQECAwQA"], "channel_seqs general 1"),
            ("inbox", [:], "channel_seq 1"),
        ]
        for (tool, arguments, words) in calls {
            let answer = await client.ask(
                "tools/call", ["name": .string(tool), "arguments": arguments])
            let text = answer["result"]?.firstText ?? ""
            #expect(text.contains(words) == (revision < "2025-06-18"), "\(tool): \(text)")
        }
    }

    @Test func `voice rooms complete where a voice room is meant`() async {
        var room = Fake.channel(2, name: "lounge")
        room.isVoice = true
        await port.set { [room] in $0.channelList.append(room) }
        func complete(_ template: String, _ argument: String) async -> JSON? {
            let answer = await client.ask(
                "completion/complete",
                TestClient.modern([
                    "ref": ["type": "ref/resource", "uri": .string(template)],
                    "argument": ["name": .string(argument), "value": ""],
                ]))
            return answer["result"]?["completion"]?["values"]
        }
        #expect(
            await complete("peer://voice/{channel}/participants{?server}", "channel")
                == ["lounge"])
        #expect(await complete("peer://channel/{name}/pins{?server}", "name") == ["general"])
    }
}
