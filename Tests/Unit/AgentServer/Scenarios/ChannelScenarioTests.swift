import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-147 to S-149: channels by their names, as others see them.
@Suite(.serialized, .timeLimit(.minutes(Patience.minutes))) struct ChannelScenarioTests {
    private func channels(_ live: LiveServer, _ node: Int) async throws -> [String: JSON] {
        let listed = try await live.read(node, "peer://server/channels")["channels"]?.array ?? []
        return Dictionary(
            listed.map { ($0["id"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `S-147 channels made, renamed, described and deleted are so on a third peer`()
        async throws
    {
        try await LiveServer.with(3) { live in
            let owner = live.clients[0]
            let dock = await owner.structured("create_channel", ["name": "dock", "topic": "boats"])
            let voice = await owner.structured("create_voice_channel", ["name": "lounge"])
            let (text, lounge) = (
                try #require(dock["channel_id"]?.string), try #require(voice["channel_id"]?.string)
            )
            _ = await live.post(0, "on the dock", in: "dock")
            _ = await live.post(0, "in general")
            try await live.settle()
            var seen = try await channels(live, 2)
            #expect(seen[text]?["name"] == "dock" && seen[text]?["kind"] == "text")
            #expect(seen[text]?["topic"] == "boats")
            #expect(seen[lounge]?["name"] == "lounge" && seen[lounge]?["kind"] == "voice")

            _ = await owner.structured("rename_channel", ["channel": "dock", "name": "pier"])
            _ = await owner.structured(
                "set_channel_topic", ["channel": "pier", "topic": "ferries"])
            try await live.settle()
            seen = try await channels(live, 2)
            #expect(seen[text]?["name"] == "pier" && seen[text]?["topic"] == "ferries")
            #expect(await live.texts(2, "pier") == ["on the dock"])

            let gone = await owner.structured("delete_channel", ["name": "pier", "confirm": true])
            #expect(gone["messages_hidden"] == 1)
            try await live.settle()
            seen = try await channels(live, 2)
            #expect(seen[text] == nil && seen[lounge] != nil)
            let refused = await live.clients[2].refusal("read_channel", ["channel": "pier"])
            #expect(refused["code"] == "unknown_channel")
            for (word, count) in [("dock", 0), ("general", 1)] {
                let found = await live.clients[2].structured(
                    "search_messages", ["query": .string(word)])
                #expect(found["messages"]?.array?.count == count, "\(word)")
            }
            #expect(await live.texts(2) == ["in general"])
        }
    }

    @Test func `S-148 a switch is the principal's own`() async throws {
        try await LiveServer.with(2) { live in
            _ = await live.clients[0].structured("create_channel", ["name": "dock"])
            let one = TestClient(over: live.nodes[0], principal: "one")
            let other = TestClient(over: live.nodes[0], principal: "other")
            for client in [one, other] {
                let at = await client.structured("switch_channel", ["name": "general"])
                #expect(at["channel"] == "general")
            }
            let switched = await one.structured("switch_channel", ["name": "dock"])
            #expect(switched["outcome"] == "applied" && switched["channel"] == "dock")
            let unknown = await one.refusal("switch_channel", ["name": "nowhere"])
            #expect(unknown["code"] == "unknown_channel")
            #expect(
                await one.structured("switch_channel", ["name": "dock"])["outcome"] == "unchanged")
            #expect(
                await other.structured("switch_channel", ["name": "general"])["outcome"]
                    == "unchanged")
            // A client of the same principal that comes later finds it so.
            let later = TestClient(over: live.nodes[0], principal: "one")
            #expect(
                await later.structured("switch_channel", ["name": "dock"])["outcome"]
                    == "unchanged")
        }
    }

    static let names = [
        "two words", "a/b", "100%", "50%25", "🦊 den", "#hash", "què?", "a+b&c=d", "x@y",
        String(repeating: "x", count: 100), String(repeating: "ü", count: 50),
    ]

    @Test func `S-149 a channel's name comes back from its address as it is`() async throws {
        try await LiveServer.with(2) { live in
            var ids: [String: JSON] = [:]
            for name in Self.names {
                let made = await live.clients[0].structured(
                    "create_channel", ["name": .string(name)])
                ids[name] = made["channel_id"] ?? .null
                let sent = await live.clients[0].structured(
                    "send_message",
                    ["channel": made["channel_id"] ?? .null, "body": .string("in \(name)")])
                #expect(sent["outcome"] == "applied", "\(name): \(sent.text)")
            }
            try await live.settle()
            let listed = await live.clients[1].ask("resources/list", TestClient.modern())
            let uris = (listed["result"]?["resources"]?.array ?? []).compactMap {
                $0["uri"]?.string
            }
            for name in Self.names {
                let own = "peer://channel/\(Self.encoded(name))/messages"
                let theirs = uris.filter { $0.hasPrefix(own) }
                #expect(theirs.count == 1, "\(name) in \(uris)")
                for uri in theirs + [own] {
                    let page = try await live.read(1, uri)
                    #expect(page["channel"]?.string == name && page["channel_id"] == ids[name])
                    #expect(page["messages"]?.array?.map { $0["body"] } == [.string("in \(name)")])
                }
            }
        }
    }

    /// By hand: every byte but those that never need it.
    private static func encoded(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            plain.contains(byte)
                ? String(UnicodeScalar(byte))
                : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}
