import PeerState

/// One task: a call whose result is fetched later (MCP 2.3).
///
/// - Units: ms since 1970.
struct TaskRecord: Hashable, Sendable {
    enum Status: String, Sendable {
        case working
        case inputRequired = "input_required"
        case completed, failed, cancelled

        var isOver: Bool { self != .working && self != .inputRequired }
    }

    let id: String
    let principal: String
    let tool: String
    /// Enough to begin the call again after a restart.
    let arguments: JSONObject
    var status = Status.working
    let createdAt: UInt64
    var updatedAt: UInt64
    /// How long it is kept at least, from its creation, ms: clients are told `task.ttl`, and one
    /// that worked for long can still be fetched for as long after its end.
    let life: UInt64
    /// The result of the call, or the JSON-RPC error it ended with.
    var outcome: JSON?
    /// Questions that are not answered yet.
    var questions = JSONObject()

    init(
        id: String, principal: String, tool: String, arguments: JSONObject, now: UInt64,
        life: UInt64
    ) {
        self.id = id
        self.principal = principal
        self.tool = tool
        self.arguments = arguments
        createdAt = now
        updatedAt = now
        self.life = life
    }

    func isExpired(at now: UInt64) -> Bool { status.isOver && now >= createdAt + life }

    /// What the client sees, without what came of it.
    var brief: JSONObject {
        [
            "taskId": .string(id), "status": .string(status.rawValue),
            "createdAt": .string(Calendar.milliseconds(createdAt)),
            "lastUpdatedAt": .string(Calendar.milliseconds(updatedAt)),
            "ttlMs": JSON(Limits.taskLife.count), "pollIntervalMs": JSON(Limits.taskPoll.count),
        ]
    }

    /// The same with the result, the error or the open questions.
    var detailed: JSONObject {
        var object = brief
        switch status {
        case .completed: object["result"] = outcome
        case .failed: object["error"] = outcome
        case .inputRequired: object.append("inputRequests", .object(questions))
        case .working, .cancelled: break
        }
        return object
    }
}

extension TaskRecord {
    /// What the database keeps; questions are asked anew or not at all after a restart.
    var stored: JSON {
        var object: JSONObject = [
            "id": .string(id), "principal": .string(principal), "tool": .string(tool),
            "arguments": .object(arguments), "status": .string(status.rawValue),
            "created_ms": JSON(createdAt), "updated_ms": JSON(updatedAt), "life_ms": JSON(life),
        ]
        object["outcome"] = outcome
        return .object(object)
    }

    init?(stored json: JSON) {
        guard let id = json["id"]?.string, let principal = json["principal"]?.string,
            let tool = json["tool"]?.string, let arguments = json["arguments"]?.object,
            let status = json["status"]?.string.flatMap(Status.init(rawValue:)),
            let created = json["created_ms"]?.integer, let updated = json["updated_ms"]?.integer,
            let life = json["life_ms"]?.integer
        else { return nil }
        self.init(
            id: id, principal: principal, tool: tool, arguments: arguments, now: UInt64(created),
            life: UInt64(life))
        self.status = status
        updatedAt = UInt64(updated)
        outcome = json["outcome"]
    }
}

extension Limits {
    /// `task.per_principal`: tasks that are not over.
    static var tasksPerPrincipal: Int { OperatorLimit.tasksPerPrincipal.value }
    /// Tasks that are kept, over or not, of one principal.
    static let tasksKeptPerPrincipal = 256
    /// `task.ttl`
    static var taskLife: Milliseconds { Milliseconds(UInt64(OperatorLimit.taskLife.value)) }
    /// `task.poll`
    static var taskPoll: Milliseconds { Milliseconds(UInt64(OperatorLimit.taskPoll.value)) }
    static var waitSecondsAsTask: Int { OperatorLimit.waitTask.value }
}
