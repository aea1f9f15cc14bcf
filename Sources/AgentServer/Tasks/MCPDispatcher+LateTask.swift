import PeerNode
import PeerState

// Calls that become tasks when they turn out to take long (X2).
extension MCPDispatcher {
    /// What came of a call after a while.
    enum InTime {
        case done(ToolResult)
        case task(JSON)
    }

    /// Runs a tool; one that may take long goes on as a task where the client takes one.
    ///
    /// - Errors: those of the tool; `rate_limited` for one task too many.
    func inTime(
        _ tool: Tool, _ arguments: JSONObject, _ call: ToolCall, _ prepared: @escaping Tool.Prepared
    ) async throws -> InTime {
        guard let patience = tool.taskAfter, let exchange = call.exchange,
            exchange.admission.takesTasks
        else { return .done(try await prepared(call)) }
        let work = Task { try await prepared(call) }
        let isDone = await withTaskCancellationHandler {
            await ends(work, within: patience)
        } onCancel: {
            work.cancel()
        }
        guard !isDone else { return .done(try await work.value) }
        do {
            return .task(
                try await begin(
                    TaskWork { _ in
                        try await withTaskCancellationHandler {
                            try await Self.members(of: work)
                        } onCancel: {
                            work.cancel()
                        }
                    }, tool.name, arguments, for: call.principal, exchange.revision))
        } catch {
            work.cancel()
            throw error
        }
    }

    private static func members(
        of work: Task<ToolResult, any Error>
    ) async throws -> JSONObject {
        do {
            return try await work.value.members(for: .july2026, extraText: nil)
        } catch let failure as NodeFailure {
            throw ToolRefusal(failure, permission: nil)
        }
    }

    /// Returns whether work ended before the time was up; either way, only once.
    private func ends(
        _ work: Task<ToolResult, any Error>, within limit: Milliseconds
    ) async -> Bool {
        await withCheckedContinuation { resume in
            let waiting = Locked<CheckedContinuation<Bool, Never>?>(resume)
            let answer: @Sendable (Bool) -> Void = { isDone in
                let taken = waiting.withLock { waiting in
                    defer { waiting = nil }
                    return waiting
                }
                taken?.resume(returning: isDone)
            }
            let clock = Task {
                do { try await port.sleep(limit) } catch { return }
                answer(false)
            }
            Task {
                _ = await work.result
                clock.cancel()
                answer(true)
            }
        }
    }
}

extension Tool {
    /// After how long it may go on as a task; `nil` = never.
    fileprivate var taskAfter: Milliseconds? {
        switch name {
        case FileTools.download.name, FileTools.upload.name: Limits.fileTaskAfter
        case StateTools.verifyState.name: Limits.verifyTaskAfter
        default: nil
        }
    }
}

extension Limits {
    /// How long a file may take to come before the call becomes a task.
    static let fileTaskAfter = Milliseconds.seconds(10)
    /// The same for peers that are asked about their state.
    static let verifyTaskAfter = Milliseconds.seconds(5)
}
