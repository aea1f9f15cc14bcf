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
    /// Of HTTP; `nil` = there is none.
    private let token: StartToken.Source?
    private let store: AgentStore

    /// - Parameter http: `nil` = only the socket file.
    /// - Errors: `StoreFailure`, `NetFailure`, `TokenFailure`.
    static func open(
        _ node: Node, _ options: NodeOptions, loop: EventLoop, agent: AgentServerConfiguration,
        http: HTTPOptions?
    ) async throws -> AgentDesk {
        let log = options.log
        let directory = try DataDirectory(preparing: options.dataDirectory)
        let (store, root) = try storage(directory, isEphemeral: options.isEphemeral)
        do {
            let book = TokenBook(root: root, rows: try await store.tokens())
            var settings = HTTPSettings(
                bind: http?.bind, socketPath: directory.path + "/node.sock")
            var token: StartToken.Source?
            if let http {
                settings.allowedHosts = http.allowedHosts
                settings.allowedOrigins = http.allowedOrigins
                settings.issuer = http.issuer
                settings.hasPage = true
                let source = StartToken.source(http, in: directory)
                token = source
                try await StartToken.settle(source, http.grant, book, store, log)
            }
            let dispatcher = MCPDispatcher(
                port: node, executor: loop, configuration: agent, log: log)
            await dispatcher.keepAudit(in: store)
            await dispatcher.sealRequestState(with: root)
            let server = try await MCPHTTPServer.start(
                settings, dispatcher: dispatcher, store: store, book: book,
                hooks: HookBook(root: root, rows: try await store.hooks()), loop: loop, log: log)
            return AgentDesk(
                dispatcher: dispatcher, server: server, tokenFile: token?.file, token: token,
                store: store)
        } catch {
            try await store.close()
            throw error
        }
    }

    /// Takes over what may change while it runs.
    ///
    /// - Parameter grant: of the token of the start; `nil` = there is none.
    func reload(_ agent: AgentServerConfiguration, _ grant: TokenGrant?) async throws {
        await dispatcher.set(agent.rates)
        await dispatcher.announce(agent.access(principal: "stdio"))
        guard let grant, let text = try startToken() else { return }
        try await server.settle(start: text, grant)
    }

    /// The token of HTTP as it stands now; `nil` = there is no HTTP.
    func startToken() throws -> String? {
        var entropy = Entropy.system
        return try token.map { try StartToken.text($0, &entropy, .silent) }
    }

    /// The database and the root of its keys; in memory for a node that leaves nothing behind.
    private static func storage(
        _ directory: DataDirectory, isEphemeral: Bool
    ) throws -> (AgentStore, SecretBytes) {
        var entropy = Entropy.system
        guard isEphemeral else {
            let root = try Keystore.localKeys(in: directory, entropy: &entropy)
            return (try AgentStore.open(directory), root)
        }
        var bytes = entropy.bytes(Keystore.localKeyByteCount)
        defer { Sodium.wipe(&bytes) }
        return (try AgentStore.open(path: ":memory:"), SecretBytes(bytes))
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
