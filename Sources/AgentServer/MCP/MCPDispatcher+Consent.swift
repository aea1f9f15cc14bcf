import PeerNode
package import PeerState

// Asking a person before a far-reaching act, in the way of each era (MCP 10).
extension MCPDispatcher {
    /// Sets the key that seals what questions carry; without it one is made for this process.
    ///
    /// - Parameter root: the content of `local-keys`.
    package func sealRequestState(with root: SecretBytes) {
        var copy = root.copy()
        var derived = Sodium.hash(key: copy, "peer-agent request state").bytes
        Sodium.wipe(&copy)
        stateKey = SecretBytes(derived)
        Sodium.wipe(&derived)
    }

    /// What became of a call that stopped for want of consent.
    enum Consented {
        case run(ToolCall)
        case ask(JSON)
    }

    /// Asks, or reads the answer that came with the call.
    ///
    /// - Errors: `refusal` itself when the client cannot be asked; `consent_declined`;
    ///   `invalidParams` for a request state that is not valid.
    func consent(
        _ refusal: ToolRefusal, _ name: String, _ arguments: JSONObject, _ call: ToolCall
    ) async throws -> Consented {
        guard let question = ConsentQuestion(refusal), let exchange = call.exchange,
            exchange.admission.canElicit
        else { throw refusal }
        guard exchange.revision.isModern else {
            let result = await exchange.ask(
                "elicitation/create", question.params(exchange.revision), port: port)
            guard case .agreed = ConsentQuestion.answer(result) else {
                throw ConsentQuestion.declined
            }
            return .run(call.agreed)
        }
        return try await modernConsent(question, refusal, name, arguments, call)
    }

    private func modernConsent(
        _ question: ConsentQuestion, _ refusal: ToolRefusal, _ name: String,
        _ arguments: JSONObject, _ call: ToolCall
    ) async throws -> Consented {
        guard let admission = call.exchange?.admission else { throw refusal }
        var state = RequestState(
            principal: call.principal, tool: name, arguments: Self.digest(arguments),
            question: question.digest, round: 1, nonce: await port.entropy(16).hex,
            expiresAt: await port.wallMilliseconds() + Limits.requestStateLife.count)
        if let sealed = admission.requestState {
            let carried = try await spend(sealed, like: state)
            let isSame = carried.question == question.digest
            switch ConsentQuestion.answer(admission.inputResponses?["confirm"]) {
            case .agreed where isSame: return .run(call.agreed)
            case .declined where isSame: throw ConsentQuestion.declined
            default: break
            }
            guard carried.round < Limits.requestStateRounds else { throw refusal }
            state.round = carried.round + 1
        }
        return .ask(await inputRequired(question, state, admission.revision))
    }

    /// Opens what a question carried; each is accepted once, for the same call only.
    func spend(
        _ sealed: String, like call: RequestState
    ) async throws -> RequestState {
        let now = await port.wallMilliseconds()
        var key = await key().copy()
        defer { Sodium.wipe(&key) }
        guard let state = RequestState(sealed, key: key), state.expiresAt > now,
            state.principal == call.principal, state.tool == call.tool,
            state.arguments == call.arguments, try await isFirstUse(state, now)
        else { throw MCPError(.invalidParams, "requestState is not valid") }
        return state
    }

    private func isFirstUse(_ state: RequestState, _ now: UInt64) async throws -> Bool {
        guard spentStates[state.nonce] == nil else { return false }
        if spentStates.count >= Limits.spentNonces {
            spentStates = spentStates.filter { $0.value > now }
        }
        // Full of nonces that could still be used again: none is accepted for a while.
        guard spentStates.count < Limits.spentNonces else { return false }
        spentStates[state.nonce] = state.expiresAt
        return try await audit?.spend(state.nonce, until: state.expiresAt, now: now) ?? true
    }

    private func inputRequired(
        _ question: ConsentQuestion, _ state: RequestState, _ revision: MCPRevision
    ) async -> JSON {
        let request: JSON = [
            "method": "elicitation/create", "params": .object(question.params(revision)),
        ]
        return await inputRequired(["confirm": request], state, revision)
    }

    /// - Parameter state: what the answer must bring back; `nil` = nothing.
    func inputRequired(
        _ requests: JSONObject, _ state: RequestState?, _ revision: MCPRevision
    ) async -> JSON {
        var members: JSONObject = ["inputRequests": .object(requests)]
        if let state {
            var key = await key().copy()
            defer { Sodium.wipe(&key) }
            let sealed = state.sealed(key: key, salt: await port.entropy(24))
            members.append("requestState", .string(sealed))
        }
        let result = complete(members, revision)
        guard var object = result.object else { return result }
        object["resultType"] = "input_required"
        return .object(object)
    }

    private func key() async -> SecretBytes {
        if let stateKey { return stateKey }
        let made = SecretBytes(await port.entropy(32))
        stateKey = made
        return made
    }

    /// The same for the same arguments, in whatever order they were written.
    static func digest(_ arguments: JSONObject) -> String {
        let sorted = arguments.members.sorted { $0.key < $1.key }
        return Sodium.blake2b(JSON.object(JSONObject(sorted)).encoded).hex
    }
}

extension ToolCall {
    /// The same call after a person has agreed.
    fileprivate var agreed: ToolCall {
        var call = self
        call.access.consent = .off
        return call
    }
}

extension AgentStore {
    /// Notes that a request state was used.
    ///
    /// - Returns: `false` when it had been used before, also by an earlier process.
    func spend(_ nonce: String, until expires: UInt64, now: UInt64) throws(StoreFailure) -> Bool {
        try use { database throws(StoreFailure) in
            try database.run("DELETE FROM spent WHERE expires_ms <= ?1", .unsigned(now))
            let sql: SQLText = "SELECT 1 FROM spent WHERE nonce = ?1"
            guard try database.first(sql, .text(nonce), decode: { $0.integer(0) }) == nil else {
                return false
            }
            try database.run("INSERT INTO spent VALUES (?1, ?2)", .text(nonce), .unsigned(expires))
            return true
        }
    }
}
