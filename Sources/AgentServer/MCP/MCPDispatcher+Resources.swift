import PeerNode
import PeerState

extension MCPDispatcher {
    /// - Errors: not found in the words of the era, `unavailable`, `internalError`.
    func read(_ uri: String, _ call: ToolCall, _ revision: MCPRevision) async throws -> JSON {
        guard let target = ResourceTarget(uri), ResourceScope(call.access).admits(target.canonical)
        else { throw Self.notFound(uri, revision) }
        guard target.scope <= call.access.scope else {
            throw MCPError(
                .scopeDenied, "This resource is beyond the scope of the token.",
                data: ["needed": JSON([target.scope.rawValue])])
        }
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
        // Which server is meant is for the client to say.
        case .unknownServer where refusal.facts["candidates"] != nil:
            notFound(uri, revision, refusal.failure.detail)
        default: notFound(uri, revision)
        }
    }
}

extension ResourceWatch.Announcement {
    package var method: String {
        switch self {
        case .updated: "notifications/resources/updated"
        case .listChanged: "notifications/resources/list_changed"
        }
    }

    package var params: JSONObject {
        switch self {
        case .updated(let uri): ["uri": .string(uri)]
        case .listChanged: [:]
        }
    }
}
