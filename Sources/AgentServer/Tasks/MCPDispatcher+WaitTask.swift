import PeerNode
import PeerState

// Long waits as tasks (X2).
extension MCPDispatcher {
    /// The work of a wait that is too long for one request; `nil` for every other call.
    func waitWork(_ tool: Tool, _ arguments: JSONObject, _ call: ToolCall) async -> (
        work: TaskWork, arguments: JSONObject
    )? {
        guard tool.name == WaitTool.waitForMessages.name,
            call.exchange?.admission.takesTasks ?? false,
            let seconds = arguments["timeout_s"]?.integer, seconds > Limits.waitSecondsPlain
        else { return nil }
        var arguments = arguments
        if arguments["after"] == nil || arguments["after"] == .null {
            arguments["after"] = .string(call.cursor(await call.port.feedPosition()))
        }
        return (waitWork(arguments, call.access, seconds), arguments)
    }

    /// The rest of a wait that an earlier process began.
    func waitWork(again record: TaskRecord, _ access: Access, _ now: UInt64) -> TaskWork? {
        guard record.tool == WaitTool.waitForMessages.name,
            MCPToolCatalog.tool(record.tool, for: access) != nil,
            let seconds = record.arguments["timeout_s"]?.integer
        else { return nil }
        let end = record.createdAt + UInt64(seconds) * 1_000
        let left = Int64(end > now ? (end - now + 999) / 1_000 : 0)
        var arguments = record.arguments
        arguments["timeout_s"] = .integer(left)
        return waitWork(arguments, access, left)
    }

    private func waitWork(
        _ arguments: JSONObject, _ access: Access, _ seconds: Int64
    ) -> TaskWork {
        let whole = call(access)
        var task = ToolCall(port: whole.port, access: access, isTask: true)
        task.turnstile = whole.turnstile
        let call = task
        return TaskWork(life: .seconds(UInt64(max(0, seconds)))) { _ in
            let prepared = try WaitTool.waitForMessages.prepared(arguments)
            do {
                return try await prepared(call).members(for: .july2026, extraText: nil)
            } catch let failure as NodeFailure {
                throw ToolRefusal(failure, permission: nil)
            }
        }
    }
}
