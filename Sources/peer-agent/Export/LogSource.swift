import AgentServer
import PeerState

/// The signed logs of a data directory: from the running node, or from its files.
enum LogSource {
    private static let timeoutSeconds = 120

    /// Hands over every event of a server in canonical order.
    ///
    /// - Errors: `locked` when a node runs that cannot be reached, `keyMissing`, `unknownServer`.
    static func each(
        of server: Server.ID, in path: String, _ body: ([UInt8]) throws -> Void
    ) throws {
        if let node = LocalNode(dataDirectory: path, timeoutSeconds: timeoutSeconds) {
            return try each(of: server, node, body)
        }
        try withStore(path) { store in
            guard try store.loadServers().contains(server) else {
                throw CLIFailure(.unknownServer, "this node is in no server \(server.hex)")
            }
            try store.forEachEvent(of: server) { try body($0.envelope) }
        }
    }

    private static func each(
        of server: Server.ID, _ node: LocalNode, _ body: ([UInt8]) throws -> Void
    ) throws {
        var question: JSONObject = ["server": .string(server.hex)]
        while true {
            let page = try node.ask("POST", "/control/events", .object(question))
            for event in page["events"]?.array ?? [] {
                guard let bytes = event.string.flatMap({ [UInt8](hex: $0) }) else {
                    throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read")
                }
                try body(bytes)
            }
            guard let next = page["next"] else { return }
            question["after"] = next
        }
    }

    /// The servers a node is in.
    ///
    /// - Parameter isNamed: whether their names matter, which a node that does not run reads from
    ///   everything it has.
    private static func servers(
        in path: String, isNamed: Bool
    ) throws -> [ServerChoice.Entry] {
        if let node = LocalNode(dataDirectory: path) {
            let rows = try node.ask("GET", "/control/status")["servers"]?.array ?? []
            return rows.map {
                ServerChoice.Entry(id: $0["id"]?.string ?? "", name: $0["name"]?.string ?? "")
            }
        }
        if isNamed {
            return try Status.of(path).servers.map {
                ServerChoice.Entry(id: $0.id.hex, name: $0.name)
            }
        }
        return try withStore(path) { try $0.loadServers() }.map { ServerChoice.Entry(id: $0.hex) }
    }

    /// The server that is meant: the only one, or the one that was chosen.
    ///
    /// - Errors: `unknownServer`, naming the choices.
    static func server(_ choice: ServerChoice?, in path: String) throws -> Server.ID {
        let all = try servers(in: path, isNamed: choice?.isName == true)
        let id: String
        if let choice {
            id = try choice.id(among: all)
        } else if all.count == 1 {
            id = all[0].id
        } else {
            let asked = all.isEmpty ? "" : "--server must say which one; "
            throw CLIFailure(.unknownServer, asked + ServerChoice.choices(all))
        }
        guard let server = Server.ID(hex: id) else {
            throw CLIFailure(.nodeUnreachable, "the node's answer cannot be read")
        }
        return server
    }

    private static func withStore<Value>(
        _ path: String, _ body: (StoreCore) throws -> Value
    ) throws -> Value {
        let key = try Identity.load(at: path)
        var entropy = Entropy.system
        let directory = try DataDirectory(preparing: path)
        let store = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
        let result = Result { try body(store) }
        try store.close()
        return try result.get()
    }
}
