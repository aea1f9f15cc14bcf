import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Members of one server on sockets and real files, each talked to through its tools.
struct LiveServer {
    let nodes: [Node]
    /// One client each; the first is the owner's.
    let clients: [TestClient]
    let id: Server.ID
    let general: Channel.ID

    /// Runs `body` with a server of `count` members; node 0 owns it.
    static func with(_ count: Int, _ body: (LiveServer) async throws -> Void) async throws {
        try await LiveNodes.with(count) { nodes in
            let created = try await nodes[0].perform(
                .createServer(name: "Harbour", description: "boats"))
            let id = try #require(created.server)
            let live = LiveServer(
                nodes: nodes, clients: nodes.map { TestClient(over: $0) }, id: id,
                general: try #require(created.channel))
            for node in nodes.dropFirst() {
                let invite = try await nodes[0].perform(
                    .invite(server: id, recipient: node.peerID, expiresAtMilliseconds: nil))
                _ = try await node.perform(
                    .acceptInvite(code: try #require(invite.inviteCode)))
            }
            try await live.settle()
            try await body(live)
        }
    }

    /// Waits until all agree and have stored as much: a state is compared before its last events
    /// are durable, and only durable ones are shown.
    func settle() async throws {
        for _ in 0..<400 {
            let found = try await nodes[0].verify(id, timeout: .seconds(5))
            var isStored = true
            for node in nodes {
                let stored = try await node.agreement(in: id).events
                if stored != found.events { isStored = false }
            }
            if isStored && found.agreeing == nodes.count - 1 && found.peers.count == found.agreeing
            {
                return
            }
            try await nodes[0].sleep(50)
        }
        Issue.record("the nodes do not agree")
    }

    /// - Returns: the id of the message.
    func post(_ node: Int, _ text: String, in channel: String = "general") async -> JSON {
        await clients[node].structured(
            "send_message", ["channel": .string(channel), "body": .string(text)])["message_id"]
            ?? .null
    }

    func read(_ node: Int, _ uri: String) async throws -> JSON {
        let answer = await clients[node].ask(
            "resources/read", TestClient.modern(["uri": .string(uri)]))
        let text = answer["result"]?["contents"]?[0]?["text"]?.string
        return try JSON(parsing: Array(try #require(text, "\(answer.text)").utf8))
    }

    /// What a channel shows to a node, newest page.
    func messages(_ node: Int, _ channel: String = "general") async -> [JSON] {
        await clients[node].structured("read_channel", ["channel": .string(channel)])[
            "messages"]?.array ?? []
    }

    func texts(_ node: Int, _ channel: String = "general") async -> [String] {
        await messages(node, channel).compactMap { $0["text"]?.string }
    }
}
