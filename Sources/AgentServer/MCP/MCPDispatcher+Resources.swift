import PeerNode
import PeerState

extension MCPDispatcher {
    /// - Errors: not found in the words of the era, `unavailable`, `internalError`.
    func read(_ uri: String, _ call: ToolCall, _ revision: MCPRevision) async throws -> JSON {
        guard let target = ResourceTarget(uri) else { throw Self.notFound(uri, revision) }
        let contents: ResourceContents
        do {
            contents = try await ResourceReader(call: call).read(target)
        } catch let refusal as ToolRefusal {
            throw Self.error(refusal, uri, revision)
        } catch let failure as NodeFailure where failure.code != .internalError {
            throw Self.error(ToolRefusal(failure, permission: nil), uri, revision)
        }
        return complete(
            ["contents": [contents.json(uri: uri, for: revision)]], revision,
            CacheHint(
                ttlMilliseconds: contents.ttlMilliseconds, scope: contents.cacheScope))
    }

    private static func error(
        _ refusal: ToolRefusal, _ uri: String, _ revision: MCPRevision
    ) -> MCPError {
        switch refusal.failure.code {
        case .unavailable, .timeout, .offline:
            MCPError(.unavailable, refusal.failure.detail)
        case .tooLarge: MCPError(.invalidParams, refusal.failure.detail)
        default: notFound(uri, revision)
        }
    }

    /// One `subscriptions/listen` exchange, from acknowledgement to its graceful end (MCP 2.2, U1).
    func listen(_ filter: MCPListenFilter, _ exchange: MCPExchange) async throws -> JSON {
        try beginListening(exchange.access.principal)
        defer { endListening(exchange.access.principal) }
        let meta: JSON = ["io.modelcontextprotocol/subscriptionId": exchange.id.value]
        let watch = newWatch(call(exchange.access)) { announcement in
            exchange.notify(announcement.method, announcement.params(meta: meta))
        }
        let changes = await port.changes()
        var uris: [JSON] = []
        for uri in filter.resources where await watch.add(uri) != nil {
            uris.append(.string(uri))
        }
        if filter.resourcesListChanged { await watch.addList() }
        var honoured = JSONObject()
        if filter.toolsListChanged { honoured.append("toolsListChanged", true) }
        if filter.resourcesListChanged { honoured.append("resourcesListChanged", true) }
        if !uris.isEmpty { honoured.append("resourceSubscriptions", .array(uris)) }
        exchange.notify(
            "notifications/subscriptions/acknowledged",
            ["_meta": meta, "notifications": .object(honoured)])
        await watch.run(changes)
        return complete(["_meta": meta], exchange.revision)
    }
}

extension ResourceWatch.Announcement {
    package var method: String {
        switch self {
        case .updated: "notifications/resources/updated"
        case .listChanged: "notifications/resources/list_changed"
        }
    }

    /// - Parameter meta: names the listen stream, in the modern era.
    package func params(meta: JSON?) -> JSONObject {
        var params = JSONObject()
        params["_meta"] = meta
        if case .updated(let uri) = self { params.append("uri", .string(uri)) }
        return params
    }
}
