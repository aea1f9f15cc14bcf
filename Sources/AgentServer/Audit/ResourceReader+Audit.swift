import PeerNode
import PeerState

extension ResourceReader {
    /// The newest records of the audit log.
    func audit() async throws -> JSONObject {
        let page = try await call.auditPage(AuditQuery(limit: Limits.auditResource))
        let cursor = page.cursor(storeTag: call.port.storeTag)
        return ["records": .array(page.records), "cursor": .string(cursor)]
    }
}
