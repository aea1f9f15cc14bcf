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
        wants.widerTokens = true
        if exchange.admission.takesTasks {
            wants.tasks = Set(filter.tasks.filter { isTask($0, of: access.principal) })
        }
        let listener = Listener(self, access, wants) { method, params in
            var named: JSONObject = ["_meta": meta]
            for member in params.members { named.append(member.key, member.value) }
            exchange.notify(method, named)
        }
        let events = try await events(filter.events, exchange)
        await listener.open()
        if let events { await listener.relayEvents(events.selection, after: events.start) }
        var uris: [String] = []
        for uri in filter.resources where await listener.add(uri) { uris.append(uri) }
        var honoured = Self.honoured(wants, uris, filter)
        if let events { honoured.append("peerEvents", await events.acknowledged) }
        exchange.notify(
            "notifications/subscriptions/acknowledged",
            ["_meta": meta, "notifications": .object(honoured)])
        await listener.run()
        return complete(["_meta": meta], exchange.revision)
    }

    /// What a listener asked about events; `nil` when it did not, or did not declare them.
    ///
    /// - Errors: `invalidParams` for a cursor of another node.
    private func events(
        _ filter: EventFilter?, _ exchange: MCPExchange
    ) async throws -> HeardEvents? {
        guard let filter, exchange.admission.takesEvents else { return nil }
        return try await HeardEvents(filter, call(exchange.access))
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
