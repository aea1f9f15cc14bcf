import PeerNode
import PeerState

/// One incoming request from its arrival to its one answer.
///
/// Whoever closes it first may answer; afterwards nothing is sent for it (MCP 1.2, G2).
package final class MCPExchange: Sendable {
    package let id: MCPRequestID
    package let admission: MCPAdmission
    package let access: Access
    /// The way it came: `stdio`, `socket` or `http`; for the audit log alone.
    package let transport: String
    /// When an earlier process began it, ms since 1970; `nil` = this one did.
    package let begunAt: UInt64?
    private let wait = Locked<Waiting?>(nil)
    private let isOpen = Locked(true)
    private let question = Locked<Question?>(nil)
    private let deliver: @Sendable (Part) -> Void

    /// What goes to the client before the answer.
    package enum Part: Sendable {
        /// One message without its line break.
        case frame([UInt8])
        /// Let the connection go; the client fetches the rest later, where that is possible.
        case disconnect
    }

    /// Something asked of the client while this request is under way.
    private struct Question {
        let id: String
        let resume: CheckedContinuation<JSON?, Never>
    }

    /// What a wait looks for, for a process that goes on with it.
    struct Waiting {
        let cursor: String
        let begunAt: UInt64
    }

    package init(
        id: MCPRequestID, admission: MCPAdmission, access: Access, transport: String = "stdio",
        begunAt: UInt64? = nil,
        deliver: @escaping @Sendable (Part) -> Void
    ) {
        self.id = id
        self.admission = admission
        self.access = access
        self.transport = transport
        self.begunAt = begunAt
        self.deliver = deliver
    }

    /// Where the wait of this request began to look; `nil` = it is none.
    var waiting: Waiting? { wait.withLock { $0 } }

    func waits(from cursor: String, since begun: UInt64) {
        wait.withLock { $0 = Waiting(cursor: cursor, begunAt: begun) }
    }

    package var revision: MCPRevision { admission.revision }

    /// Sends a notification that belongs to this request, unless it has ended.
    package func notify(_ method: String, _ params: JSONObject) {
        guard isOpen.withLock({ $0 }) else { return }
        deliver(.frame(MCPFrame.notification(method, params)))
    }

    package func disconnect() {
        if isOpen.withLock({ $0 }) { deliver(.disconnect) }
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
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { settle(nil) }
        return wasOpen
    }
}

// Requests to the client, in the legacy era.
extension MCPExchange {
    /// Whether the client owes an answer, which may take a person's time.
    var isAsking: Bool { question.withLock { $0 != nil } }

    /// Asks the client on the stream of this request.
    ///
    /// - Returns: the result; `nil` for an error, after `Limits.elicitationTimeout`, and when the
    ///   exchange ends.
    func ask(_ method: String, _ params: JSONObject, port: any AgentPort) async -> JSON? {
        let id = "ask-" + (await port.entropy(8)).hex
        let timeout = Task {
            do {
                try await port.sleep(Limits.elicitationTimeout)
            } catch {
                return  // Answered in time.
            }
            settle(nil)
        }
        defer { timeout.cancel() }
        let frame = MCPFrame.request(id, method, params)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { resume in
                question.withLock { $0 = Question(id: id, resume: resume) }
                guard isOpen.withLock({ $0 }), !Task.isCancelled else { return settle(nil) }
                deliver(.frame(frame))
            }
        } onCancel: {
            settle(nil)
        }
    }

    /// Takes an answer of the client.
    ///
    /// - Returns: whether it belongs to what this exchange asked.
    func take(response: JSON) -> Bool {
        guard let id = response["id"]?.string,
            question.withLock({ $0?.id == id })
        else { return false }
        settle(response["result"])
        return true
    }

    private func settle(_ result: JSON?) {
        let asked = question.withLock { question in
            defer { question = nil }
            return question
        }
        asked?.resume.resume(returning: result)
    }
}
