import PeerNode
import PeerState

// What calls leave behind (MCP 9.9).
extension MCPDispatcher {
    /// Keeps a record of every call from now on.
    package func keepAudit(in store: AgentStore) { audit = store }

    /// Tools that change more than messages need a log that works.
    ///
    /// - Errors: `unavailable`.
    func needAudit(for tool: Tool) throws {
        guard tool.scope >= .admin, audit?.auditFailure != nil else { return }
        throw ToolRefusal(
            .unavailable, "The audit log cannot be written; the node's owner must see to it.")
    }

    /// Runs a call and records what came of it.
    func audited(
        _ name: String, _ arguments: JSONObject, _ call: ToolCall, _ revision: MCPRevision,
        _ body: () async throws -> JSON
    ) async throws -> JSON {
        guard let audit else { return try await body() }
        let begun = await port.wallMilliseconds()
        var facts: JSONObject = [
            "principal": .string(call.principal), "era": .string(revision.rawValue),
            "method": "tools/call", "tool": .string(Sanitiser.name(name)),
            "args": .string(Self.digest(arguments)),
        ]
        do {
            let result = try await body()
            let ended = await port.wallMilliseconds()
            Self.add(result, to: &facts)
            facts.append("ms", JSON(ended >= begun ? ended - begun : 0))
            audit.append(AuditRecord(at: ended, facts))
            return result
        } catch {
            let code = (error as? MCPError)?.code.rawValue
            facts.append("error", code.map { JSON($0) } ?? "internal")
            audit.append(AuditRecord(at: await port.wallMilliseconds(), facts))
            throw error
        }
    }

    /// Outcome and ids of a result; nothing that people wrote.
    private static func add(_ result: JSON, to facts: inout JSONObject) {
        guard let structured = result["structuredContent"] else {
            return facts.append("is_error", result["isError"] ?? false)
        }
        if let code = structured["error"]?["code"] { facts.append("error", code) }
        for key in ["outcome", "event_id", "server_id", "message_id", "channel_id"] {
            if let value = structured[key], value.string != nil { facts.append(key, value) }
        }
    }
}
