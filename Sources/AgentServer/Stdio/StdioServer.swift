package import PeerNode
package import PeerState

/// The agent's side of a node for clients that speak over pipes.
///
/// - Isolation: create it anywhere; its sessions run on `executor`.
package struct StdioServer: Sendable {
    private let dispatcher: MCPDispatcher
    private let executor: any SerialExecutor
    private let configuration: AgentServerConfiguration

    /// - Parameter executor: that of the node, so that neither waits for the other's thread.
    package init(
        port: any AgentPort, executor: any SerialExecutor,
        configuration: AgentServerConfiguration, log: Log
    ) {
        self.init(
            MCPDispatcher(
                port: port, executor: executor, configuration: configuration, log: log),
            executor: executor)
    }

    /// Shares limits and caches with other transports.
    package init(_ dispatcher: MCPDispatcher, executor: any SerialExecutor) {
        self.dispatcher = dispatcher
        self.executor = executor
        configuration = dispatcher.configuration
    }

    /// Begins a pipe for one client.
    ///
    /// - Parameters:
    ///   - access: by a token; by default what the configuration says.
    ///   - reception: what was said before; the session goes on from there.
    ///   - write: takes one whole frame with its line break; called on the executor.
    package func openSession(
        principal: String = "stdio", access: Access? = nil, after reception: MCPReception? = nil,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) -> StdioSession {
        StdioSession(
            dispatcher: dispatcher, executor: executor,
            access: access ?? configuration.access(principal: principal), after: reception,
            write: write)
    }
}
