import PeerNode
import PeerState

extension MCPDispatcher {
    /// Runs a tool: arguments, rate, handler (MCP 3.1, order of checks).
    ///
    /// - Errors: `MCPError` for a tool that is not there and for bugs; everything else is a result.
    func callTool(
        _ name: String, _ arguments: JSONObject, _ call: ToolCall, _ revision: MCPRevision
    ) async throws -> JSON {
        guard let tool = MCPToolCatalog.tool(name, for: call.access) else {
            throw MCPError(.invalidParams, "Unknown tool: \(Sanitiser.name(name))")
        }
        let result: ToolResult
        do {
            let arguments = try await call.withWholePeerIDs(arguments, tool.peerArguments)
            let prepared = try tool.prepared(arguments)
            try needAudit(for: tool)
            var call = call
            call.isTooSoon = try await takeRate(of: tool, call)
            if let wait = await waitWork(tool, arguments, call) {
                return try await begin(
                    wait.work, name, wait.arguments, for: call.principal, revision)
            }
            try await takeFileRate(of: tool, arguments, call)
            do {
                if let patience = tool.taskAfter, call.exchange?.admission.takesTasks == true {
                    switch try await inTime(patience, tool, arguments, call, prepared) {
                    case .done(let done): result = done
                    case .task(let task): return task
                    }
                } else {
                    result = try await prepared(call)
                }
            } catch let refusal as ToolRefusal where refusal.failure.code == .consentRequired {
                switch try await consent(refusal, name, arguments, call) {
                case .run(let agreed): result = try await prepared(agreed)
                case .ask(let question): return question
                }
            }
        } catch let refusal as ToolRefusal {
            result = ToolResult(refusal)
        } catch let failure as NodeFailure {
            let refusal = ToolRefusal(failure, permission: tool.traits.permission)
            guard refusal.failure.code != .internalError else { throw failure }
            result = ToolResult(refusal)
        }
        let hint = await unreadHint(call)
        var members = result.members(for: revision, extraText: hint?.text)
        if let hint { members.append("_meta", ["peer-agent/unread": .object(hint.meta)]) }
        return complete(members, revision)
    }

    /// - Returns: whether the rate is used up, where that is no refusal.
    private func takeRate(of tool: Tool, _ call: ToolCall) async throws -> Bool {
        guard limiter.limits(tool.traits.rate) else { return false }
        let now = await port.wallMilliseconds()
        let wait = limiter.take(tool.traits.rate, principal: call.principal, now: now)
        guard let wait else { return false }
        if tool.traits.rate == .typing { return true }
        throw ToolRefusal(
            .rateLimited, "Too many calls of this kind; wait \((wait + 999) / 1_000) s.",
            facts: ["retry_after_ms": JSON(wait)])
    }

    /// What is unread, and a line about it when direct messages or mentions became others.
    ///
    /// - Returns: `nil` while nobody can say: a call that reads nothing waits for no text (S-166).
    private func unreadHint(_ call: ToolCall) async -> (meta: JSONObject, text: String?)? {
        guard await !call.port.isFillingTexts else { return nil }
        let counts = await call.counts()
        let direct = counts.entries.filter(\.isDirect).reduce(0) { $0 + $1.unread }
        let meta: JSONObject = [
            "unread": JSON(counts.unread), "mentions": JSON(counts.mentions),
            "cursor": .string(call.cursor(counts.feed)),
        ]
        let now = [direct, counts.mentions]
        let isNew = unreadTold.updateValue(now, forKey: call.principal) != now
        guard isNew, direct + counts.mentions > 0 else { return (meta, nil) }
        var parts: [String] = []
        if direct > 0 { parts.append("\(direct) unread direct message\(direct == 1 ? "" : "s")") }
        if counts.mentions > 0 {
            parts.append("\(counts.mentions) unread mention\(counts.mentions == 1 ? "" : "s")")
        }
        return (meta, "(\(parts.joined(separator: ", ")); see inbox)")
    }
}

extension MCPDispatcher {
    /// The answer to a request that took longer than `Limits.exchangeTimeout`.
    func timedOut(_ admission: MCPAdmission) -> MCPAnswer {
        guard case .callTool = admission.method else {
            return .error(MCPError(.unavailable, "No answer in time; try again."))
        }
        let refusal = ToolRefusal(
            .timeout, "No answer in time. It may still take effect: look before you repeat it.")
        let members = ToolResult(refusal).members(for: admission.revision, extraText: nil)
        return .result(complete(members, admission.revision))
    }
}
