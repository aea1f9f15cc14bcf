import AgentServer
import PeerNet
import PeerNode
import PeerState

/// What agents reach of a running node: one dispatcher, the socket file, and perhaps HTTP.
struct AgentDesk {
    let dispatcher: MCPDispatcher
    let server: MCPHTTPServer
    /// Where the token of HTTP is kept.
    let tokenFile: String?
    private let store: AgentStore

    /// - Parameter http: `nil` = only the socket file.
    /// - Errors: `StoreFailure`, `NetFailure`, `TokenFailure`.
    static func open(
        _ node: Node, in path: String, loop: EventLoop, agent: AgentServerConfiguration, log: Log,
        http: HTTPOptions?
    ) async throws -> AgentDesk {
        let directory = try DataDirectory(preparing: path)
        let store = try AgentStore.open(directory)
        do {
            var entropy = Entropy.system
            let root = try Keystore.localKeys(in: directory, entropy: &entropy)
            let book = TokenBook(root: root, rows: try await store.tokens())
            var settings = HTTPSettings(
                bind: http?.bind, socketPath: directory.path + "/node.sock")
            var tokenFile: String?
            if let http {
                settings.allowedHosts = http.allowedHosts
                settings.allowedOrigins = http.allowedOrigins
                tokenFile = http.tokenFile ?? directory.path + "/token"
                try await StartToken.settle(at: tokenFile ?? "", http.grant, book, store, log)
            }
            let dispatcher = MCPDispatcher(
                port: node, executor: loop, configuration: agent, log: log)
            await dispatcher.keepAudit(in: store)
            await dispatcher.sealRequestState(with: root)
            let server = try await MCPHTTPServer.start(
                settings, dispatcher: dispatcher, store: store, book: book,
                hooks: HookBook(root: root, rows: try await store.hooks()), loop: loop, log: log)
            return AgentDesk(
                dispatcher: dispatcher, server: server, tokenFile: tokenFile, store: store)
        } catch {
            try await store.close()
            throw error
        }
    }

    /// After the server and the node have stopped.
    func close(_ log: Log) async {
        do {
            try await store.close()
        } catch {
            log.log(.error, "closing the agent store: \(error)")
        }
    }
}
