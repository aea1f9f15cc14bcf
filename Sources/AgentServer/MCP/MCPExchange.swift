import PeerState

/// One incoming request from its arrival to its one answer.
///
/// Whoever closes it first may answer; afterwards nothing is sent for it (MCP 1.2, G2).
package final class MCPExchange: Sendable {
    package let id: MCPRequestID
    package let admission: MCPAdmission
    package let access: Access
    private let isOpen = Locked(true)
    private let deliver: @Sendable ([UInt8]) -> Void

    /// - Parameter deliver: takes one frame without its line break.
    package init(
        id: MCPRequestID, admission: MCPAdmission, access: Access,
        deliver: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.id = id
        self.admission = admission
        self.access = access
        self.deliver = deliver
    }

    package var revision: MCPRevision { admission.revision }

    /// Sends a notification that belongs to this request, unless it has ended.
    package func notify(_ method: String, _ params: JSONObject) {
        guard isOpen.withLock({ $0 }) else { return }
        deliver(MCPFrame.notification(method, params))
    }

    /// Reports progress when the client asked for it.
    ///
    /// - Parameter progress: greater than in the call before (MCP 2.2, K3).
    package func report(progress: Int, total: Int, message: String) {
        guard let token = admission.progressToken else { return }
        var params: JSONObject = [
            "progressToken": token, "progress": JSON(progress), "total": JSON(total),
        ]
        if revision.hasProgressMessage { params.append("message", .string(message)) }
        notify("notifications/progress", params)
    }

    /// Returns whether this call ended the exchange.
    package func close() -> Bool {
        isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}
