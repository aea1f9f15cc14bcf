import PeerNode
package import PeerState

/// What a task does, and how long its result is kept after that.
package struct TaskWork: Sendable {
    /// Beyond `Limits.taskLife`.
    let life: Milliseconds
    /// Gives the members of the result.
    ///
    /// - Errors: an `MCPError` lets the task fail; `CancellationError`.
    let body: @Sendable (TaskHandle) async throws -> JSONObject

    package init(
        life: Milliseconds = 0,
        _ body: @escaping @Sendable (TaskHandle) async throws -> JSONObject
    ) {
        self.life = life
        self.body = body
    }
}

/// What a running task may use.
package struct TaskHandle: Sendable {
    let id: String
    let dispatcher: MCPDispatcher

    /// Asks the client and returns its answers by key, once all are there.
    ///
    /// - Parameter questions: requests by keys that were not used before in this task.
    /// - Errors: `CancellationError`.
    package func ask(_ questions: JSONObject) async throws -> JSONObject {
        try await dispatcher.ask(questions, of: id)
    }

    package func pause(_ duration: Milliseconds) async throws {
        try await dispatcher.port.sleep(duration)
    }
}
