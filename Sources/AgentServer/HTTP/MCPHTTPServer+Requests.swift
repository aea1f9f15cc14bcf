import PeerState

// Whole requests.
extension MCPHTTPServer {
    func begin(_ request: HTTPRequest, _ client: HTTPClient, _ id: UInt64) {
        metrics.requests += 1
        let head = request.head
        switch (head.path, head.method) {
        case ("/healthz", _): probe(id, isReady: false)
        case ("/readyz", _): probe(id, isReady: true)
        case ("/metrics", _): answerMetrics(id, client)
        case (let path, _) where path.hasPrefix(Issuer.metadataPath): answerMetadata(id, client)
        case ("/mcp", "POST"): post(request, client, id)
        case ("/mcp", "GET"): openStream(head, client, id)
        case ("/mcp", "DELETE"): endSession(head, client, id)
        case (let path, _) where path.hasPrefix(Self.hookPath):
            own { await $0.post(hook: request, id) }
        case (let path, _) where PageFiles.contains(path):
            answer(id, PageFiles.response(to: path))
        default: control(request, client, id)
        }
    }

    /// - Parameter request: whose id the refusal carries; `nil` = none that can be read.
    func refuse(
        _ id: UInt64, _ status: Int, _ error: MCPError, of request: MCPRequestID? = nil,
        in revision: MCPRevision? = nil
    ) {
        if let request {
            return answer(id, .json(status, MCPFrame.answer(request, .error(error))))
        }
        answer(id, HTTPResponse.error(status, error).naming(revision))
    }

    private func post(_ request: HTTPRequest, _ client: HTTPClient, _ id: UInt64) {
        let parsed: (value: JSON, idRange: Range<Int>?)
        do {
            parsed = try JSON.parsing(request.body)
        } catch {
            return refuse(
                id, 400, MCPError(.parseError, "Parse error: \(error)"),
                in: revision(request.head, client))
        }
        let rawID = parsed.idRange.map { Array(request.body[$0]) }
        let isModern =
            MCPHeaderRules.isModern(request.head)
            || MCPModernFrontEnd.hasEnvelope(parsed.value["params"]?.object ?? JSONObject())
        if isModern {
            postModern(parsed.value, rawID, request.head, client, id)
        } else {
            postLegacy(parsed.value, rawID, request.head, client, id)
        }
    }

    private func postModern(
        _ json: JSON, _ rawID: [UInt8]?, _ head: HTTPHead, _ client: HTTPClient, _ id: UInt64
    ) {
        guard let access = client.access else { return }
        switch MCPMessage(json, rawID: rawID) {
        case .request(let request):
            do throws(MCPError) {
                let admission = try MCPModernFrontEnd().admit(request, head: head)
                try checkMirrored(admission.method, head)
                if let refusal = scopeRefusal([admission.method], client) {
                    return answer(id, refusal)
                }
                let reply = newReply(client, id, isModern: true)
                replies[reply]?.remaining = 1
                start(request.id, admission, access, reply)
            } catch {
                let status =
                    Self.isEnvelopeError(error, request)
                    ? 400 : MCPStatus.of(error.code, isModern: true)
                answer(id, .json(status, MCPFrame.answer(request.id, .error(error))))
            }
        case .notification: answer(id, HTTPResponse(202))
        case .ignored: answer(id, HTTPResponse(202))
        case .response:
            refuse(id, 400, MCPError(.invalidRequest, "Nothing was asked, so nothing is answered."))
        case .invalid(let request?, let error):
            answer(id, .json(400, MCPFrame.answer(request, .error(error))))
        case .invalid(nil, let error): refuse(id, 400, error)
        }
    }

    /// Whether a refusal is about the envelope, which has a status of its own (MCP 2.2, M2).
    private static func isEnvelopeError(_ error: MCPError, _ request: MCPRequest) -> Bool {
        guard error.code == .invalidParams else { return false }
        do throws(MCPError) {
            _ = try MCPModernFrontEnd().version(request.params)
            return false
        } catch {
            return true
        }
    }

    private func checkMirrored(_ method: MCPMethod, _ head: HTTPHead) throws(MCPError) {
        guard case .callTool(let name, let arguments) = method else { return }
        let mirrored = dispatcher.assumeIsolated { $0.mirrored(in: name) }
        try MCPHeaderRules.check(head, mirrored, arguments)
    }

    private func postLegacy(
        _ json: JSON, _ rawID: [UInt8]?, _ head: HTTPHead, _ client: HTTPClient, _ id: UInt64
    ) {
        let message = MCPMessage(json, rawID: rawID)
        if case .request(let request) = message, request.method == "initialize",
            liveSession(head, client) == nil
        {
            return initialize(request, client, id)
        }
        if case .request(let request) = message, request.method == "ping",
            head.values(MCPHeaderRules.session).isEmpty
        {
            let frame = MCPFrame.answer(request.id, .encoded(Array("{}".utf8)))
            return answer(id, .json(200, frame))
        }
        guard let session = session(head, client, id, of: message.requestID) else { return }
        if client.access?.issuedScopes != nil {
            let messages = json.array?.map { MCPMessage($0) } ?? [message]
            if let refusal = scopeRefusal(legacy: messages, client) { return answer(id, refusal) }
        }
        if let items = json.array {
            return post(batch: items, to: session, client, id)
        }
        postLegacy(message, to: session, client, id)
    }

    private func postLegacy(
        _ message: MCPMessage, to session: LegacySession, _ client: HTTPClient, _ id: UInt64
    ) {
        switch message {
        case .request(let request):
            let reply = newReply(client, id, isModern: false, session: session)
            replies[reply]?.remaining = 1
            start(request, in: session, reply)
        case .notification(let method, let params):
            handle(notification: method, params, in: session)
            answer(id, HTTPResponse(202))
        case .response(let json):
            take(response: json, in: session)
            answer(id, HTTPResponse(202))
        case .ignored: answer(id, HTTPResponse(202))
        case .invalid(let request?, let error):
            let status = MCPStatus.of(error.code, isModern: false)
            answer(id, .json(status, MCPFrame.answer(request, .error(error))))
        case .invalid(nil, let error):
            answer(
                id,
                .json(400, MCPFrame.error(error, revision: session.revision)))
        }
    }

    private func post(
        batch items: [JSON], to session: LegacySession, _ client: HTTPClient, _ id: UInt64
    ) {
        guard session.revision.hasBatches else {
            return refuse(
                id, 400, MCPError(.invalidRequest, "Arrays of messages are not accepted."),
                in: session.revision)
        }
        guard !items.isEmpty else {
            return refuse(
                id, 400, MCPError(.invalidRequest, "An empty array asks nothing."),
                in: session.revision)
        }
        let reply = newReply(client, id, isModern: false, session: session)
        replies[reply]?.isArray = true
        // One more than there are messages, so that it stays open until all are begun.
        replies[reply]?.remaining = 1
        for item in items {
            switch MCPMessage(item) {
            case .request(let request):
                replies[reply]?.remaining += 1
                start(request, in: session, reply)
            case .notification(let method, let params):
                handle(notification: method, params, in: session)
            case .response(let json): take(response: json, in: session)
            case .ignored: break
            case .invalid(let request?, let error):
                replies[reply]?.remaining += 1
                complete(reply, MCPFrame.answer(request, .error(error)), status: 200)
            case .invalid(nil, let error):
                replies[reply]?.remaining += 1
                let frame = MCPFrame.error(error, revision: session.revision)
                complete(reply, frame, status: 200)
            }
        }
        settle(reply)
    }

    private func start(_ request: MCPRequest, in session: LegacySession, _ reply: UInt64) {
        do throws(MCPError) {
            let admission = try session.frontEnd.admit(request)
            switch admission.method {
            case .subscribe: beginListening(session)
            case .setLogLevel:
                let key = session.key
                own { await $0.keep(key) }
            default: break
            }
            start(request.id, admission, session.access, reply, in: session)
        } catch {
            complete(
                reply, MCPFrame.answer(request.id, .error(error)),
                status: MCPStatus.of(error.code, isModern: false))
        }
    }
}
