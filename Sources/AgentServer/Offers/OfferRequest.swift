import PeerNode
package import PeerState

/// What an offered tool may use while it answers one request.
package struct OfferRequest: Sendable {
    private let exchange: MCPExchange
    private let port: any AgentPort
    private let dispatcher: MCPDispatcher
    /// What the question before this answer left behind; `nil` in the first round.
    package let memory: String?

    init(
        _ exchange: MCPExchange, port: any AgentPort, dispatcher: MCPDispatcher, memory: String?
    ) {
        self.exchange = exchange
        self.port = port
        self.dispatcher = dispatcher
        self.memory = memory
    }

    package var revision: MCPRevision { exchange.revision }
    package var capabilities: JSONObject { exchange.admission.capabilities }
    package var takesTasks: Bool { exchange.admission.takesTasks }
    /// Answers to questions, by their keys.
    package var responses: JSONObject {
        exchange.admission.inputResponses?.object ?? JSONObject()
    }

    /// Sends a log message if the client wants those of its level.
    package func log(_ level: MCPLogLevel, _ text: String) {
        guard let least = exchange.admission.logLevel, level >= least else { return }
        exchange.notify(
            "notifications/message",
            ["level": .string(level.rawValue), "logger": "fixture", "data": .string(text)])
    }

    /// - Parameter progress: greater than in the call before.
    package func report(progress: Int, total: Int, _ message: String) {
        exchange.report(progress: progress, total: total, message: message)
    }

    /// Asks a legacy client; `nil` when it does not answer.
    package func ask(_ method: String, _ params: JSONObject) async -> JSON? {
        await exchange.ask(method, params, port: port)
    }

    /// Ends the stream of this request early; the client comes back for the rest.
    package func disconnect() { exchange.disconnect() }

    package func pause(_ duration: Milliseconds) async throws { try await port.sleep(duration) }

    package func announce(_ notice: Notice) async { await dispatcher.announce(notice) }
}
