import AgentServer
import Glibc
import PeerNet
import PeerNode
import PeerState

/// Serves the fixtures of MCP 12 to anybody on loopback: `mcp-conformance-server --data-dir PATH
/// [--port N]`. It is a tool of the tests and is not shipped.
@main struct ConformanceServer {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard let options = FixtureOptions(Array(CommandLine.arguments.dropFirst())) else {
            Log.standardError("usage: mcp-conformance-server --data-dir PATH [--port N]")
            exit(2)
        }
        try await serve(options)
        exit(0)
    }

    private static func serve(_ options: FixtureOptions) async throws {
        let loop = EventLoop()
        loop.start()
        let stop = FixtureStop(loop: loop)
        try await stop.watch()
        var node = NodeOptions(dataDirectory: options.folder)
        node.listen = nil
        node.log = Log(level: .warning)
        let running = try await Node.start(node, on: loop)
        let directory = try DataDirectory(preparing: options.folder)
        var entropy = Entropy.system
        let root = try Keystore.localKeys(in: directory, entropy: &entropy)
        let store = try AgentStore.open(directory)
        let configuration = AgentServerConfiguration(version: "0.1.0", scope: .full, rates: [:])
        let dispatcher = MCPDispatcher(
            port: running, executor: loop, configuration: configuration, log: node.log)
        await dispatcher.keepAudit(in: store)
        await dispatcher.sealRequestState(with: root)
        await dispatcher.take(FixtureOffer())
        var settings = HTTPSettings(
            bind: Address(host: "127.0.0.1", port: options.port),
            socketPath: options.folder + "/node.sock")
        settings.anonymous = Access(principal: "anonymous", scope: .full)
        let server = try await MCPHTTPServer.start(
            settings, dispatcher: dispatcher, store: store,
            book: TokenBook(root: root, rows: try await store.tokens()), loop: loop, log: node.log)
        let ready: JSON = ["ready": true, "url": .string("http://\(try await url(server))/mcp")]
        print(ready.text)
        fflush(nil)
        await stop.requested()
        await server.stop()
        await running.stop()
        try await store.close()
    }

    private static func url(_ server: MCPHTTPServer) async throws -> String {
        guard let address = await server.address else {
            throw NetFailure(.listenFailed, "the fixture server has no address")
        }
        return "\(address)"
    }
}
