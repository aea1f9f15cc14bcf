import PeerNode
import PeerState

// Calls whose results are fetched later (MCP 2.3).
extension MCPDispatcher {
    /// Begins a task; it is stored before the client learns of it (X3).
    ///
    /// - Errors: `rate_limited` as a `ToolRefusal`; `StoreFailure`.
    func begin(
        _ work: TaskWork, _ tool: String, _ arguments: JSONObject, for principal: String,
        _ revision: MCPRevision
    ) async throws -> JSON {
        let now = await port.wallMilliseconds()
        try makeTaskRoom(for: principal, now)
        let record = TaskRecord(
            id: Base32.encode(await port.entropy(16)), principal: principal, tool: tool,
            arguments: arguments, now: now, life: Limits.taskLife.count + work.life.count)
        try await audit?.put(record)
        start(work, record)
        guard var result = complete(record.brief, revision).object else { return .null }
        result["resultType"] = "task"
        return .object(result)
    }

    private func makeTaskRoom(for principal: String, _ now: UInt64) throws {
        let expired = tasks.values.filter { $0.record.isExpired(at: now) }
        forget(expired.map(\.record.id))
        let own = tasks.values.map(\.record).filter { $0.principal == principal }
        guard own.count(where: { !$0.status.isOver }) < Limits.tasksPerPrincipal else {
            throw ToolRefusal(
                .rateLimited, "\(Limits.tasksPerPrincipal) tasks run already; let one end first.",
                facts: ["retry_after_ms": JSON(Limits.taskPoll.count)])
        }
        let over = own.filter(\.status.isOver).sorted { $0.createdAt < $1.createdAt }
        let surplus = own.count + 1 - Limits.tasksKeptPerPrincipal
        if surplus > 0 { forget(over.prefix(surplus).map(\.id)) }
    }

    private func forget(_ ids: [String]) {
        guard !ids.isEmpty else { return }
        for id in ids { tasks[id] = nil }
        keep { store in try await store.removeTasks(ids) }
    }

    private func start(_ work: TaskWork, _ record: TaskRecord) {
        tasks[record.id] = TaskEntry(record: record)
        let handle = TaskHandle(id: record.id, dispatcher: self)
        tasks[record.id]?.run = Task {
            do {
                let members = try await work.body(handle)
                await settle(record.id, .completed, complete(members, .july2026))
            } catch is CancellationError {
                await settle(record.id, .cancelled, nil)
            } catch let refusal as ToolRefusal {
                let members = ToolResult(refusal).members(for: .july2026, extraText: nil)
                await settle(record.id, .completed, complete(members, .july2026))
            } catch let error as MCPError {
                await settle(record.id, .failed, error.json)
            } catch {
                await settle(record.id, .failed, await internalError(error).json)
            }
        }
    }

    /// A task that only ended with this process stays as it is, and goes on in the next.
    private func settle(_ id: String, _ status: TaskRecord.Status, _ outcome: JSON?) async {
        guard !tasksArePaused else { return }
        end(id, status, outcome, at: await port.wallMilliseconds())
    }

    private func end(
        _ id: String, _ status: TaskRecord.Status, _ outcome: JSON?, at now: UInt64
    ) {
        guard var entry = tasks[id], !entry.record.status.isOver else { return }
        entry.record.status = status
        entry.record.outcome = outcome
        entry.record.questions = JSONObject()
        let asking = entry.asking
        entry.asking = nil
        tasks[id] = entry
        changed(id, at: now)
        asking?.resume(returning: nil)
    }

    /// Stores a task as it is now and tells who listens.
    private func changed(_ id: String, at now: UInt64) {
        tasks[id]?.record.updatedAt = now
        if let record = tasks[id]?.record { keep { store in try await store.put(record) } }
        announce(.task(id: id))
    }

    /// Writes in order; what cannot be written is lost with this process only.
    private func keep(_ body: @escaping @Sendable (AgentStore) async throws -> Void) {
        guard let audit else { return }
        let before = taskWriting
        taskWriting = Task {
            await before?.value
            do {
                try await body(audit)
            } catch {
                log.log(.warning, "a task cannot be stored: \(error)")
            }
        }
    }
}

// What clients ask about tasks.
extension MCPDispatcher {
    /// - Errors: `invalidParams`, in the same words for tasks of others and for none.
    private func task(_ id: String, of principal: String) throws(MCPError) -> TaskRecord {
        guard let record = tasks[id]?.record, record.principal == principal else {
            throw MCPError(.invalidParams, "Unknown task")
        }
        return record
    }

    func answer(getTask id: String, _ access: Access, _ revision: MCPRevision) throws -> JSON {
        complete(try task(id, of: access.principal).detailed, revision)
    }

    func answer(
        cancelTask id: String, _ access: Access, _ revision: MCPRevision
    ) async throws -> JSON {
        let now = await port.wallMilliseconds()
        _ = try task(id, of: access.principal)
        end(id, .cancelled, nil, at: now)
        tasks[id]?.run?.cancel()
        return complete(JSONObject(), revision)
    }

    func answer(
        updateTask id: String, _ responses: JSONObject, _ access: Access, _ revision: MCPRevision
    ) async throws -> JSON {
        let now = await port.wallMilliseconds()
        var record = try task(id, of: access.principal)
        let answered = responses.members.filter { record.questions[$0.key] != nil }
        guard !answered.isEmpty else { return complete(JSONObject(), revision) }
        for member in answered {
            record.questions[member.key] = nil
            tasks[id]?.answers[member.key] = member.value
        }
        let isAll = record.questions.isEmpty
        if isAll { record.status = .working }
        tasks[id]?.record = record
        changed(id, at: now)
        if isAll, let asking = tasks[id]?.asking {
            tasks[id]?.asking = nil
            asking.resume(returning: tasks[id]?.answers ?? JSONObject())
        }
        return complete(JSONObject(), revision)
    }

    /// Puts questions before the client and waits for all answers.
    ///
    /// - Errors: `CancellationError`.
    func ask(_ questions: JSONObject, of id: String) async throws -> JSONObject {
        let now = await port.wallMilliseconds()
        guard var record = tasks[id]?.record, record.status == .working else {
            throw CancellationError()
        }
        record.questions = questions
        record.status = .inputRequired
        tasks[id]?.record = record
        tasks[id]?.answers = JSONObject()
        changed(id, at: now)
        let answers = await withCheckedContinuation { tasks[id]?.asking = $0 }
        guard let answers else { throw CancellationError() }
        return answers
    }

    /// A task as listeners see it.
    func shownTask(_ id: String) -> JSONObject? { tasks[id]?.record.detailed }

    func isTask(_ id: String, of principal: String) -> Bool {
        tasks[id]?.record.principal == principal
    }
}

// Across restarts (X9).
extension MCPDispatcher {
    /// Goes on with the tasks of an earlier process: waits are begun again, the rest has failed.
    ///
    /// - Parameter access: what a principal may do now; `nil` = nothing any more.
    /// - Errors: `StoreFailure`.
    package func restoreTasks(_ access: @Sendable (String) -> Access?) async throws {
        guard let audit else { return }
        let now = await port.wallMilliseconds()
        for record in try await audit.tasks() where tasks[record.id] == nil {
            guard let access = access(record.principal), !record.isExpired(at: now) else {
                forget([record.id])
                continue
            }
            if !record.status.isOver, let work = waitWork(again: record, access, now) {
                var record = record
                record.status = .working
                start(work, record)
                continue
            }
            tasks[record.id] = TaskEntry(record: record)
            let error = MCPError(.internalError, "interrupted")
            end(record.id, .failed, error.json, at: now)
        }
    }

    /// Forgets the tasks of a principal that may do nothing any more.
    package func endTasks(of principal: String) async {
        let now = await port.wallMilliseconds()
        let own = tasks.values.filter { $0.record.principal == principal }
        for entry in own {
            end(entry.record.id, .cancelled, nil, at: now)
            entry.run?.cancel()
        }
        forget(own.map(\.record.id))
    }

    /// Leaves tasks to the next process; call it before the node stops.
    package func pauseTasks() async {
        tasksArePaused = true
        for entry in tasks.values { entry.run?.cancel() }
        await taskWriting?.value
    }
}
