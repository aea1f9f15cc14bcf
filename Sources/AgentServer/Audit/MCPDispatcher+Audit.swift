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

    /// Answers a request that leaves a record; `nil` for one that does not.
    ///
    /// The result is encoded here, once, so that the record can say how long it is.
    func audited(_ exchange: MCPExchange) async throws -> MCPAnswer? {
        guard let audit, Self.isKept(exchange.admission.method) else { return nil }
        let begun = await port.wallMilliseconds()
        do {
            let result = try await result(exchange, nil)
            let bytes = result.encoded
            // Put together only now: a thousand waits need not hold a thousand of them.
            var facts = Self.facts(exchange)
            Self.add(result, to: &facts)
            await keep(&facts, since: begun, bytes: bytes.count, in: audit)
            return .encoded(bytes)
        } catch {
            let code = (error as? MCPError)?.code.rawValue
            let word = error is CancellationError ? "cancelled" : "internal"
            var facts = Self.facts(exchange)
            facts.append("error", code.map { JSON($0) } ?? .string(word))
            await keep(&facts, since: begun, bytes: 0, in: audit)
            throw error
        }
    }

    private func keep(
        _ facts: inout JSONObject, since begun: UInt64, bytes: Int, in audit: AgentStore
    ) async {
        let ended = await port.wallMilliseconds()
        facts.append("ms", JSON(ended >= begun ? ended - begun : 0))
        facts.append("bytes_out", JSON(bytes))
        audit.append(AuditRecord(at: ended, facts))
    }

    private static func isKept(_ method: MCPMethod) -> Bool {
        switch method {
        case .callTool: true
        case .readResource(let uri): ResourceTarget(uri).map { $0.scope >= .admin } ?? false
        default: false
        }
    }

    /// What a request says about itself.
    private static func facts(_ exchange: MCPExchange) -> JSONObject {
        let admission = exchange.admission
        let principal = exchange.access.principal
        var facts: JSONObject = ["principal": .string(principal)]
        if principal.hasPrefix(TokenRow.prefix) { facts.append("token_id", .string(principal)) }
        facts.append("transport", .string(exchange.transport))
        facts.append("era", .string(exchange.revision.rawValue))
        if let client = admission.client { facts.append("client_claimed", .string(client)) }
        switch admission.method {
        case .callTool(let name, let arguments):
            facts.append("method", "tools/call")
            facts.append("tool", .string(Sanitiser.name(name)))
            facts.append("args", .string(digest(arguments)))
            let target = AuditTarget(arguments).json
            if !target.isEmpty { facts.append("target", .object(target)) }
        case .readResource(let uri):
            facts.append("method", "resources/read")
            facts.append("args", .string(digest(["uri": .string(uri)])))
            facts.append("target", ["uri": .string(ResourceTarget(uri)?.canonical ?? "")])
        default: break
        }
        if let trace = admission.trace { facts.append("trace", .object(trace)) }
        return facts
    }

    /// Outcome and ids of a result; nothing that people wrote.
    private static func add(_ result: JSON, to facts: inout JSONObject) {
        guard let structured = result["structuredContent"] else {
            if let kind = result["resultType"]?.string, kind != "complete" {
                facts.append("outcome", .string(kind))
            }
            return
        }
        if let code = structured["error"]?["code"] { facts.append("error", code) }
        for key in ["outcome", "event_id"] {
            if let value = structured[key], value.string != nil { facts.append(key, value) }
        }
        var target = AuditTarget(structured.object ?? JSONObject()).json
        for member in facts["target"]?.object?.members ?? [] where target[member.key] == nil {
            target.append(member.key, member.value)
        }
        if !target.isEmpty { facts["target"] = .object(target) }
    }
}

/// Whom and what a call was about: ids alone, since names and texts belong to people.
private struct AuditTarget {
    let json: JSONObject

    init(_ members: JSONObject) {
        var found = JSONObject()
        for key in [
            "server_id", "channel_id", "peer_id", "message_id", "role_id", "proposal_id",
        ] {
            guard let id = members[key]?.string, (16...64).contains(id.utf8.count),
                id.allSatisfy({ $0.isHexDigit && $0.isASCII })
            else { continue }
            found.append(key, .string(id))
        }
        json = found
    }
}
