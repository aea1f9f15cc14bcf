import PeerNode
import PeerState

/// What agents did, for the owner of the node.
enum AuditTools {
    static let auditLog = Tool(
        "audit_log", "Audit log",
        "Reads who called what, with which outcome. Without after, the newest; a1_0 is the "
            + "beginning.",
        .init(scope: .full, toolsets: [.audit], hints: [.readOnly, .idempotent]),
        output: [.init("records", .array), .init("cursor")],
        .optionalText("after", atMost: 32),
        .optionalText("tool", atMost: 64),
        .optionalText("token_id", atMost: 64),
        .optionalText("outcome", atMost: 64),
        .integer("limit", in: 1...Limits.auditPageMax, default: Limits.auditPage)
    ) { call, after, tool, token, outcome, limit in
        var query = AuditQuery(tool: tool, token: token, outcome: outcome, limit: limit)
        if let after {
            guard let number = AuditPage.number(after, storeTag: call.port.storeTag) else {
                throw ToolRefusal(
                    .badCursor, "That is no cursor of this audit log; call without after.")
            }
            query.after = number
        }
        let page = try await call.auditPage(query)
        return ToolResult([
            "records": .array(page.records),
            "cursor": .string(page.cursor(storeTag: call.port.storeTag)),
            "has_more": .bool(page.hasMore),
        ])
    }
}

extension ToolCall {
    /// - Errors: `unavailable` where no log is kept or it cannot be read.
    func auditPage(_ query: AuditQuery) async throws -> AuditPage {
        guard let audit else {
            throw ToolRefusal(.unavailable, "This node keeps no audit log.")
        }
        do {
            return try await audit.audit(query).fitting(Limits.auditPageBytes, query)
        } catch {
            throw ToolRefusal(
                .unavailable, "The audit log cannot be read; peer-agent doctor says why.")
        }
    }
}

extension AuditPage {
    /// The same page, ended early where it would be too long; at least one record stays.
    fileprivate func fitting(_ bytes: Int, _ query: AuditQuery) -> AuditPage {
        var kept: [JSON] = []
        var size = 0
        // Going on, the oldest matter; looking back, the newest.
        let ordered = query.after == nil ? records.reversed() : records
        for record in ordered {
            size += record.encoded.count + 1
            guard kept.isEmpty || size <= bytes else { break }
            kept.append(record)
        }
        guard kept.count < records.count else { return self }
        var page = self
        page.records = query.after == nil ? kept.reversed() : kept
        if query.after != nil, let last = kept.last?["n"]?.integer {
            page.position = UInt64(clamping: last)
            page.hasMore = true
        }
        return page
    }
}
