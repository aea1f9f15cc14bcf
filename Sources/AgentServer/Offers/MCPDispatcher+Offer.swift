import PeerNode
import PeerState

// What stands in place of the node's own tools, prompts and resources.
extension MCPDispatcher {
    /// Offers something else than the node from now on.
    package func take(_ offer: any MCPOffer) { self.offer = offer }

    /// The headers that must repeat arguments of a tool (MCP 2.2, H3).
    func mirrored(in tool: String) -> [(header: String, argument: String)] {
        offer?.mirrored(in: tool) ?? []
    }

    /// Returns `nil` for what is not about offers.
    func answer(_ offer: any MCPOffer, _ exchange: MCPExchange) async throws -> JSON? {
        let revision = exchange.revision
        func list(_ name: String, _ items: [JSON]) -> JSON {
            complete(JSONObject([.init(name, .array(items))]), revision, .list)
        }
        switch exchange.admission.method {
        case .listTools: return list("tools", await offer.tools(for: revision))
        case .listPrompts: return list("prompts", await offer.prompts(for: revision))
        case .listResources: return list("resources", await offer.resources(for: revision))
        case .listResourceTemplates:
            return list("resourceTemplates", await offer.templates(for: revision))
        case .readResource(let uri):
            guard let contents = await offer.read(uri, for: revision) else {
                throw Self.notFound(uri, revision)
            }
            let hint = CacheHint(ttlMilliseconds: 0, scope: "private")
            return complete(["contents": [contents]], revision, hint)
        case .complete(let asked):
            guard let values = await offer.completions(asked) else {
                throw MCPError(.invalidParams, "Unknown reference")
            }
            return complete(["completion": CompletionValues(values).json], revision)
        case .callTool(let name, let arguments):
            let round = try await round(name, arguments, exchange)
            return try await end(round, with: try await offer.call(name, arguments, round.request))
        case .getPrompt(let name, let arguments):
            let round = try await round(name, arguments, exchange)
            return try await end(
                round, with: try await offer.prompt(name, arguments, round.request))
        default: return nil
        }
    }

    /// One round of a request that may ask something before it is answered (MCP 10).
    private struct Round {
        let name: String
        let arguments: JSONObject
        let exchange: MCPExchange
        let request: OfferRequest
        /// What is sealed for the next round, if there is one.
        var state: RequestState
    }

    private func round(
        _ name: String, _ arguments: JSONObject, _ exchange: MCPExchange
    ) async throws -> Round {
        let admission = exchange.admission
        var state = RequestState(
            principal: exchange.access.principal, tool: name, arguments: Self.digest(arguments),
            question: "", round: 1, nonce: await port.entropy(16).hex,
            expiresAt: await port.wallMilliseconds() + Limits.requestStateLife.count)
        var memory: String?
        if admission.revision.isModern, let sealed = admission.requestState {
            let carried = try await spend(sealed, like: state)
            memory = carried.question
            state.round = carried.round + 1
        }
        let request = OfferRequest(exchange, port: port, dispatcher: self, memory: memory)
        return Round(
            name: name, arguments: arguments, exchange: exchange, request: request, state: state)
    }

    private func end(_ round: Round, with reply: OfferReply) async throws -> JSON {
        let revision = round.exchange.revision
        switch reply {
        case .complete(let members): return complete(members, revision)
        case .task(let work):
            return try await begin(
                work, round.name, round.arguments, for: round.exchange.access.principal, revision)
        case .ask(let questions, let memory):
            var state = round.state
            guard state.round <= Limits.requestStateRounds else {
                throw MCPError(.invalidParams, "Asked too often")
            }
            state.question = memory ?? ""
            return await inputRequired(questions, memory == nil ? nil : state, revision)
        }
    }
}

extension MCPMethod {
    /// Whether an offer answers it in place of the node.
    var isOffered: Bool {
        switch self {
        case .listTools, .listPrompts, .listResources, .listResourceTemplates: true
        default: false
        }
    }
}
