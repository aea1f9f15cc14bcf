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
            return try await round(name, arguments, exchange) { request in
                try await offer.call(name, arguments, request)
            }
        case .getPrompt(let name, let arguments):
            return try await round(name, arguments, exchange) { request in
                try await offer.prompt(name, arguments, request)
            }
        default: return nil
        }
    }

    /// One round of a request that may ask something before it is answered (MCP 10).
    private func round(
        _ name: String, _ arguments: JSONObject, _ exchange: MCPExchange,
        _ body: (OfferRequest) async throws -> OfferReply
    ) async throws -> JSON {
        let admission = exchange.admission
        let principal = exchange.access.principal
        var state = RequestState(
            principal: principal, tool: name, arguments: Self.digest(arguments), question: "",
            round: 1, nonce: await port.entropy(16).hex,
            expiresAt: await port.wallMilliseconds() + Limits.requestStateLife.count)
        var memory: String?
        if admission.revision.isModern, let sealed = admission.requestState {
            let carried = try await spend(sealed, like: state)
            memory = carried.question
            state.round = carried.round + 1
        }
        let request = OfferRequest(exchange, port: port, dispatcher: self, memory: memory)
        switch try await body(request) {
        case .complete(let members): return complete(members, exchange.revision)
        case .task(let work):
            return try await begin(work, name, arguments, for: principal, exchange.revision)
        case .ask(let questions, let memory):
            guard state.round <= Limits.requestStateRounds else {
                throw MCPError(.invalidParams, "Asked too often")
            }
            state.question = memory ?? ""
            return await inputRequired(
                questions, memory == nil ? nil : state, exchange.revision)
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
