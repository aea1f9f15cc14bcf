import PeerNet
import PeerNode
import PeerState

// What others post: a message of this peer in the one channel of the webhook.
extension MCPHTTPServer {
    static let hookPath = "/hooks/"

    /// What is wrong with a post before its body is read; nobody shows a token here.
    func hookRefusal(_ head: HTTPHead) -> HTTPResponse? {
        guard !isDraining else {
            let error = MCPError(.unavailable, "The node is stopping; try again in a moment.")
            return HTTPResponse.error(503, error).with("Retry-After", "1")
        }
        switch head.body {
        case .sized(let count) where count <= Limits.hookBytes: return nil
        case .chunked: return HTTPResponse(411)
        case .none, .sized: return HTTPResponse(413)
        }
    }

    func post(hook request: HTTPRequest, _ id: UInt64) async {
        let name = String(request.head.path.dropFirst(Self.hookPath.count))
        let now = SystemClock.wallMilliseconds()
        let verified = hooks?.verified(
            name, timestamp: request.head.value("x-peer-agent-timestamp") ?? "",
            signature: request.head.value("x-peer-agent-signature") ?? "", body: request.body,
            now: now)
        guard let hook = verified else {
            let refusal = ToolRefusal(.notMember, "The signature or the timestamp is wrong.")
            return answer(id, Self.hookProblem(401, refusal, word: "unauthorized"))
        }
        if let wait = await dispatcher.take(.hook, of: hook.id, now: now) {
            let refusal = ToolRefusal(.rateLimited, "Too many posts; wait.")
            let seconds = String(max(1, (wait + 999) / 1_000))
            return answer(id, Self.hookProblem(429, refusal).with("Retry-After", seconds))
        }
        do {
            answer(id, try await send(try HookPost(request.body), by: hook))
        } catch let refusal as ToolRefusal {
            answer(id, Self.hookProblem(400, refusal))
        } catch let failure as NodeFailure {
            let refusal = ToolRefusal(failure, permission: "SendMessages")
            let isPassing = [.unavailable, .timeout, .internalError].contains(refusal.failure.code)
            answer(id, Self.hookProblem(isPassing ? 503 : 400, refusal))
        } catch {
            answer(id, HTTPResponse(500))
        }
    }

    private func send(_ post: HookPost, by hook: HookRow) async throws -> HTTPResponse {
        let outcome = try await dispatcher.port.perform(
            .postMessage(
                PostMessage(
                    principal: "hook \(hook.label)", server: hook.server, channel: hook.channel,
                    text: post.text, clientMessageID: post.clientID)))
        let message = outcome.event.map { JSON.string($0.hex) } ?? .null
        record([
            "event": "hook_post", "principal": .string(hook.id),
            "outcome": .string(outcome.kind.rawValue), "event_id": message,
        ])
        var object: JSONObject = ["message_id": message]
        if outcome.isDuplicate { object.append("duplicate", true) }
        return .json(202, JSON.object(object).encoded)
    }

    private static func hookProblem(
        _ status: Int, _ refusal: ToolRefusal, word: String? = nil
    ) -> HTTPResponse {
        var error = refusal.error
        if let word { error["code"] = .string(word) }
        return .json(status, JSON.object(["error": .object(error)]).encoded)
    }
}

extension MCPDispatcher {
    /// Takes one use of a kind, or returns the milliseconds until one is free.
    func take(_ kind: RateClass, of principal: String, now: UInt64) -> UInt64? {
        limiter.take(kind, principal: principal, now: now)
    }
}

// What the owner's commands ask about webhooks.
extension MCPHTTPServer {
    func control(hooks request: HTTPRequest, _ id: UInt64) {
        switch request.head.method {
        case "GET":
            let rows = (hooks?.rows.values.map { $0 } ?? []).sorted { $0.createdAt < $1.createdAt }
            let list = JSON.array(rows.map { .object($0.json) })
            answer(id, .json(200, JSON.object(["hooks": list]).encoded))
        case "POST": own { await $0.createHook(request.body, id) }
        default:
            let name = String(request.head.path.split(separator: "/").last ?? "")
            own { await $0.revokeHook(name, id) }
        }
    }

    private func createHook(_ body: [UInt8], _ id: UInt64) async {
        do {
            let order = try JSON(parsing: body)
            let address = ChannelAddress(text: order["channel"]?.string ?? "", field: "channel")
            let channel = try await dispatcher.call(.owner).channel(address)
            guard let book = hooks else { return answer(id, HTTPResponse(404)) }
            var entropy = Entropy.system
            let made = try book.make(
                label: order["label"]?.string ?? channel.name, server: channel.server,
                channel: channel.id, now: SystemClock.wallMilliseconds(), &entropy)
            try await store.put(made.row)
            hooks?.put(made.row)
            record([
                "event": "hook_create", "principal": "owner", "hook_id": .string(made.row.id),
            ])
            var object = made.row.json
            object.append("secret", .string(made.secret))
            object.append("path", .string(Self.hookPath + made.row.id))
            if let address = self.address {
                object.append("url", .string("http://\(address)\(Self.hookPath)\(made.row.id)"))
            }
            answer(id, .json(200, JSON.object(object).encoded))
        } catch let refusal as ToolRefusal {
            answer(id, Self.hookProblem(400, refusal))
        } catch let failure as any CodedError {
            let error: JSON = ["code": .string(failure.word), "message": .string(failure.detail)]
            answer(id, .json(400, JSON.object(["error": error]).encoded))
        } catch {
            answer(id, HTTPResponse(500))
        }
    }

    private func revokeHook(_ name: String, _ id: UInt64) async {
        guard var row = hooks?.rows[name], row.revokedAt == nil else {
            let error: JSON = [
                "code": "unknownToken", "message": .string("no webhook \(name) that works"),
            ]
            return answer(id, .json(404, JSON.object(["error": error]).encoded))
        }
        row.revokedAt = SystemClock.wallMilliseconds()
        hooks?.put(row)
        do {
            try await store.put(row)
            record(["event": "hook_revoke", "principal": "owner", "hook_id": .string(name)])
            answer(id, HTTPResponse(204))
        } catch {
            log.log(.error, "webhook \(name) is revoked in memory only: \(error)")
            answer(id, HTTPResponse(500))
        }
    }
}
