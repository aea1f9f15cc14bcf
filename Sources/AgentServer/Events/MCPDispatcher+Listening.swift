import PeerNode
import PeerState

extension MCPDispatcher {
    /// One `subscriptions/listen` exchange, from acknowledgement to its graceful end (MCP 2.2, U1).
    func listen(_ filter: MCPListenFilter, _ exchange: MCPExchange) async throws -> JSON {
        let access = exchange.access
        try beginListening(access.principal)
        defer { endListening(access.principal) }
        let meta: JSON = ["io.modelcontextprotocol/subscriptionId": exchange.id.value]
        var wants = Listener.Wants()
        wants.tools = filter.toolsListChanged
        wants.prompts = filter.promptsListChanged
        wants.resources = filter.resourcesListChanged
        if exchange.admission.takesTasks {
            wants.tasks = Set(filter.tasks.filter { isTask($0, of: access.principal) })
        }
        let listener = Listener(self, access, wants) { method, params in
            var params = params
            params["_meta"] = meta
            exchange.notify(method, params)
        }
        await listener.open()
        var uris: [String] = []
        for uri in filter.resources where await listener.add(uri) { uris.append(uri) }
        exchange.notify(
            "notifications/subscriptions/acknowledged",
            ["_meta": meta, "notifications": .object(Self.honoured(wants, uris, filter))])
        await listener.run()
        return complete(["_meta": meta], exchange.revision)
    }

    private static func honoured(
        _ wants: Listener.Wants, _ uris: [String], _ filter: MCPListenFilter
    ) -> JSONObject {
        var honoured = JSONObject()
        if wants.tools { honoured.append("toolsListChanged", true) }
        if wants.prompts { honoured.append("promptsListChanged", true) }
        if wants.resources { honoured.append("resourcesListChanged", true) }
        if !uris.isEmpty { honoured.append("resourceSubscriptions", JSON(uris)) }
        let tasks = filter.tasks.filter(wants.tasks.contains)
        if !tasks.isEmpty { honoured.append("taskIds", JSON(tasks)) }
        return honoured
    }
}
