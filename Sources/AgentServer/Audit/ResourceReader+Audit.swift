import PeerNode
import PeerState

extension ResourceReader {
    /// The newest records of the audit log.
    func audit() async throws -> JSONObject {
        let page = try await call.auditPage(AuditQuery(limit: Limits.auditResource))
        return ["records": .array(page.records), "cursor": .string(page.cursor)]
    }
}
