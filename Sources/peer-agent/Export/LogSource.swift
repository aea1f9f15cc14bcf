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
                throw CLIFailure(.usage, "this node is in no server \(server.hex)")
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

    /// The servers a node is in, by id.
    static func servers(in path: String) throws -> [Server.ID] {
        if let node = LocalNode(dataDirectory: path) {
            let rows = try node.ask("GET", "/control/status")["servers"]?.array ?? []
            return rows.compactMap { $0["id"]?.string.flatMap { Server.ID(hex: $0) } }
        }
        return try withStore(path) { try $0.loadServers() }
    }

    /// The server that is meant: the only one, or the one whose id begins so.
    ///
    /// - Errors: `usage`, naming the choices.
    static func server(_ prefix: String?, in path: String) throws -> Server.ID {
        let all = try servers(in: path)
        let found = all.filter { $0.hex.hasPrefix(prefix ?? "") }
        guard found.count == 1 else {
            let names = all.map(\.short).joined(separator: ", ")
            throw CLIFailure(
                .usage,
                all.isEmpty
                    ? "this node is in no server"
                    : "--server must name one of the servers: \(names)")
        }
        return found[0]
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
