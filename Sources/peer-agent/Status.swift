import AgentServer
import PeerNet
import PeerState

/// What can be told about a data directory from outside its node.
struct Status {
    struct ServerLine {
        var id: Server.ID
        var name: String
        var members: Int
        var channels: Int
        var events: Int
        var messages: Int
        var ownSeq: UInt64
        var ownHead: Event.ID?
        var stateHash: Digest.Value
    }

    let peer: Peer.ID
    let path: String
    /// The other process's own words; `nil` when no node runs.
    private(set) var holder: String?
    private(set) var servers: [ServerLine] = []
    private(set) var isRecovering = false
    /// What a running node says about itself.
    private(set) var node: JSON?

    /// Reads the identity, and the store unless a node has it open.
    ///
    /// - Errors: `keyMissing`, `keyExposed`, `keyUnusable`, `corrupt`, `newerSchema`.
    private init(reading path: String) throws {
        let key = try Identity.load(at: path)
        let directory = try DataDirectory(preparing: path)
        peer = key.publicKey
        self.path = directory.path
        do {
            try read(directory)
        } catch let failure as StoreFailure where failure.code == .locked {
            holder = failure.detail
            node = try LocalNode(dataDirectory: directory.path)?.ask("GET", "/control/status")
        }
    }

    /// The same also for a node whose key no file holds.
    static func of(_ path: String) throws -> Status {
        do {
            return try Status(reading: path)
        } catch let failure as StoreFailure where failure.code == .keyMissing {
            return try Status(ofPassingNodeIn: path, or: failure)
        }
    }

    /// What a node without a key file says of itself.
    private init(ofPassingNodeIn path: String, or failure: StoreFailure) throws {
        let node = try LocalNode(dataDirectory: path)?.ask("GET", "/control/status")
        guard let node, let peer = node["peer_id"]?.string.flatMap({ Peer.ID(hex: $0) }) else {
            throw failure
        }
        self.peer = peer
        self.path = path
        self.node = node
        holder = "\(path) is in use by a node that keeps nothing on disk"
    }

    private mutating func read(_ directory: DataDirectory) throws {
        var entropy = Entropy.system
        let store = try StoreCore(directory, owner: peer, entropy: &entropy)
        isRecovering = store.opening.verdict != .fine
        servers = try Self.lines(store, peer)
        try store.close()
    }

    private static func lines(_ store: StoreCore, _ peer: Peer.ID) throws -> [ServerLine] {
        var lines: [ServerLine] = []
        for server in try store.loadServers() {
            let state = try fold(server, store, peer)
            let head = state.graph.head(of: peer)
            lines.append(
                ServerLine(
                    id: server, name: state.name, members: state.members(at: state.now).count,
                    channels: state.channelCount, events: state.graph.count,
                    messages: state.messageCount, ownSeq: head?.seq ?? 0, ownHead: head?.id,
                    stateHash: StateHash.hash(of: state)))
        }
        return lines
    }

    /// Signatures were checked when the events were stored.
    private static func fold(
        _ server: Server.ID, _ store: StoreCore, _ peer: Peer.ID
    ) throws -> ServerState {
        var replica = Replica(id: server, viewer: peer)
        try store.forEachEvent(of: server) { stored in
            let envelope = try Envelope(decoding: stored.envelope)
            let event = try Event(decoding: envelope, for: server)
            // Stored events count whatever this machine's clock says now.
            _ = replica.insert(
                event, envelope, source: nil, wallMilliseconds: Limits.maxWallMilliseconds)
        }
        return replica.state
    }
}

extension Status {
    var json: JSON {
        var object: JSONObject = [
            "peer_id": .string(peer.hex), "data_dir": .string(path),
            "running": .bool(holder != nil),
        ]
        if holder == nil {
            object.append("recovering", .bool(isRecovering))
            object.append("servers", .array(servers.map(\.json)))
        }
        if let node { object.append("node", node) }
        return .object(object)
    }

    var text: String {
        var lines = ["peer id         \(peer.hex)", "data directory  \(path.printable)"]
        guard let holder else {
            lines.append("node            not running")
            if isRecovering {
                lines.append("                an older copy was restored; run the node to catch up")
            }
            for server in servers { lines += server.text }
            if servers.isEmpty { lines.append("servers         none") }
            return lines.joined(separator: "\n") + "\n"
        }
        lines.append("node            running: \(holder.printable)")
        lines += nodeText
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Status {
    private var nodeText: [String] {
        guard let node else { return ["servers         ask the running node, through MCP"] }
        func number(_ key: String) -> Int64 { node[key]?.integer ?? 0 }
        let waiting = node["queue"]?["events"]?.integer ?? 0
        let oldest = (node["queue"]?["oldest_at"]?.string).map { ", since \($0.printable)" } ?? ""
        let queue = waiting == 0 ? "nothing waits" : "\(waiting.of("event")) for a peer\(oldest)"
        let listening = (node["listening"]?.array ?? []).compactMap { $0.string?.printable }
            .joined(separator: ", ")
        var lines = [
            "                up \(number("uptime_s")) s, \(number("peers")) peers connected",
            "listening       \(listening.isEmpty ? "nowhere" : listening)",
            "queue           \(queue)",
            "agents          \(number("clients")) connections, \(number("sessions")) sessions, "
                + "\(number("tokens")) tokens",
            "                \(node["url"]?.string ?? "no HTTP; --transport http serves it")",
            "relay           \(node["relay"]?["status"]?.string ?? "off")",
            "inbox           \(number("unread")) unread, \(number("mentions")) mentions",
        ]
        for server in node["servers"]?.array ?? [] {
            let name = server["name"]?.string ?? ""
            let shown = name.isEmpty ? "(direct)" : name.printable
            let id = server["id"]?.string?.prefix(16) ?? ""
            lines.append("server          \(shown)  \(id)")
            lines.append("                \((server["members"]?.integer ?? 0).of("member"))")
        }
        return lines
    }
}

extension Status.ServerLine {
    var json: JSON {
        [
            "id": .string(id.hex), "name": .string(name), "members": JSON(members),
            "channels": JSON(channels), "events": JSON(events), "messages": JSON(messages),
            "own_seq": JSON(ownSeq), "own_head": ownHead.map { .string($0.hex) } ?? .null,
            "state_hash": .string(stateHash.hex),
        ]
    }

    var text: [String] {
        [
            "server          \(name.isEmpty ? "(direct)" : name.printable)  \(id.short)",
            "                \(members.of("member")), \(channels.of("channel")), "
                + "\(messages.of("message"))",
            "                \(events.of("event")), \(ownSeq) of them own; "
                + "state \(stateHash.short)",
        ]
    }
}

extension BinaryInteger {
    /// A number with its noun, such as `1 member` and `2 members`.
    fileprivate func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
