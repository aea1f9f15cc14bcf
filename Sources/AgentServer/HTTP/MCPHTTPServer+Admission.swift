import PeerNet
import PeerState

// Who may ask what, decided from the head alone.
extension MCPHTTPServer {
    enum Identity {
        case known(Access)
        case refused(HTTPResponse)
    }

    /// The answer to a request whose body need not be read; `nil` lets it in.
    func admit(_ head: HTTPHead, _ client: HTTPClient) -> HTTPResponse? {
        refusal(head, client).map { dressed($0.naming(revision(head, client)), client) }
    }

    /// The revision of what is said without an id: as the headers say, or the session.
    func revision(_ head: HTTPHead, _ client: HTTPClient) -> MCPRevision? {
        head.value(MCPHeaderRules.version).flatMap(MCPRevision.init(rawValue:))
            ?? liveSession(head, client)?.revision
    }

    private func refusal(_ head: HTTPHead, _ client: HTTPClient) -> HTTPResponse? {
        client.head = nil
        client.access = nil
        if let refusal = client.gate.refusal(head) { return refusal }
        client.head = head.keeping(["origin"])
        client.resource =
            client.isLocalSocket
            ? nil : head.value("host").flatMap { issuer?.resource(host: $0) }
        if let refusal = queryRefusal(head) { return refusal }
        guard let methods = methods(head.path, client) else {
            return .nothingHere(butPage: hasPage && !client.isLocalSocket)
        }
        if head.method == "OPTIONS" { return client.gate.preflight(head) }
        guard methods.contains(head.method) else { return notAllowed(methods) }
        if head.path == "/healthz" || head.path == "/readyz" {
            // Whoever shows no token gets no memory for a body.
            return head.body == .none ? nil : HTTPResponse(413)
        }
        if head.path.hasPrefix(Self.hookPath) { return hookRefusal(head) }
        if head.path.hasPrefix(Issuer.metadataPath) || PageFiles.contains(head.path) {
            return head.body == .none ? nil : HTTPResponse(413)
        }
        switch identify(head, client) {
        case .refused(let response): return response
        case .known(let access): client.access = access
        }
        if isDraining {
            let error = MCPError(.unavailable, "The node is stopping; try again in a moment.")
            return HTTPResponse.error(503, error).with("Retry-After", "1")
        }
        if let refusal = rateRefusal(client) { return refusal }
        return head.path == "/mcp" ? mcpRefusal(head) : nil
    }

    /// The methods of a path; `nil` where there is nothing.
    private func methods(_ path: String, _ client: HTTPClient) -> [String]? {
        switch path {
        case "/mcp": return ["POST", "GET", "DELETE"]
        case "/healthz", "/readyz", "/metrics": return ["GET"]
        case _ where PageFiles.contains(path):
            return hasPage && !client.isLocalSocket ? ["GET"] : nil
        case _ where client.resource != nil && issuer?.servesMetadata(at: path) == true:
            return ["GET"]
        case _ where path.hasPrefix(Self.hookPath): return hooks == nil ? nil : ["POST"]
        case "/control/hooks": return client.isLocalSocket ? ["GET", "POST"] : nil
        case _ where path.hasPrefix("/control/hooks/"):
            return client.isLocalSocket ? ["DELETE"] : nil
        case _ where path.hasPrefix(Self.filesPath): return client.isLocalSocket ? ["GET"] : nil
        case _ where path.hasPrefix(Self.uploadsPath): return client.isLocalSocket ? ["POST"] : nil
        case "/control/status": return client.isLocalSocket ? ["GET"] : nil
        case "/control/backup", "/control/events": return client.isLocalSocket ? ["POST"] : nil
        case "/control/tokens": return client.isLocalSocket ? ["GET", "POST"] : nil
        case _ where path.hasPrefix("/control/tokens/"):
            return client.isLocalSocket ? ["DELETE"] : nil
        default: return nil
        }
    }

    private func notAllowed(_ methods: [String]) -> HTTPResponse {
        HTTPResponse(405).with("Allow", methods.joined(separator: ", "))
    }

    private func mcpRefusal(_ head: HTTPHead) -> HTTPResponse? {
        switch head.method {
        case "POST": return MCPHeaderRules.mediaRefusal(head)
        case _ where MCPHeaderRules.isModern(head): return notAllowed(["POST", "GET", "DELETE"])
        case "GET" where !MCPHeaderRules.accepts(head, "text/event-stream"):
            return .error(406, MCPError(.invalidRequest, "Accept must admit text/event-stream."))
        default: return nil
        }
    }

    /// A token in an address ends up in logs: it is refused, and worth nothing any more.
    private func queryRefusal(_ head: HTTPHead) -> HTTPResponse? {
        guard let query = head.query, let found = query.place(of: TokenText.prefix) else {
            return nil
        }
        let token = String(query[found.lowerBound...].prefix(TokenText.length))
        let now = SystemClock.wallMilliseconds()
        if TokenText.isWellFormed(token), case .accepted(let row) = book.verdict(token, now: now) {
            log.log(.warning, "token \(row.id) was sent in an address and is revoked")
            own { await $0.revokeQuietly(row.id) }
        }
        return .error(
            400, MCPError(.invalidRequest, "A token never belongs into an address; it is revoked."))
    }

    private func identify(_ head: HTTPHead, _ client: HTTPClient) -> Identity {
        let shown = head.values("authorization")
        guard let header = shown.first else {
            if client.isLocalSocket { return .known(.owner) }
            if let anonymous = settings.anonymous { return .known(anonymous) }
            return .refused(unauthorized("missing", client))
        }
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard shown.count == 1, parts.count == 2, parts[0].lowercased() == "bearer",
            parts[1].utf8.allSatisfy(Self.isBearerByte)
        else {
            return .refused(
                .error(400, MCPError(.invalidRequest, "Send 'Authorization: Bearer pat_…'.")))
        }
        return identify(token: parts[1], client)
    }

    private static func isBearerByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~+/=".utf8.contains(byte)
        }
    }

    private func identify(token: String, _ client: HTTPClient) -> Identity {
        if let wait = failedAccess.wait(client.address, now: loop.now) {
            return .refused(shutOut(wait))
        }
        if let identity = identify(issued: token, client) { return identity }
        let verdict = verdict(token)
        switch verdict {
        case .accepted(let row):
            usedTokens[row.id] = SystemClock.wallMilliseconds()
            return .known(row.grant.access(principal: row.id))
        case .invalid, .expired:
            countFailure(of: client.address)
            return .refused(refuseToken(verdict == .expired ? "expired" : "invalid", client))
        }
    }

    /// Counts a token that was not taken against who showed it.
    func countFailure(of shower: String) {
        let rate = dispatcher.assumeIsolated { $0.limiter.rate(.failedAccess) }
        failedAccess.failed(shower, rate, now: loop.now)
    }

    func shutOut(_ wait: Milliseconds) -> HTTPResponse {
        tooMany(
            MCPError(
                .rateLimited, "Too many wrong tokens; wait.",
                data: ["retry_after_ms": JSON(wait.count)]))
    }

    func refuseToken(_ reason: String, _ client: HTTPClient) -> HTTPResponse {
        metrics.failedAccess += 1
        refuseAccess(reason, client)
        return unauthorized(reason, client)
    }

    /// Counts a token that was not taken; the minute's record tells of all from that address.
    func refuseAccess(_ reason: String, _ client: HTTPClient) {
        let now = SystemClock.wallMilliseconds()
        refusals.add(client.address, reason, now: now).map(record)
    }

    func recordRefusals(before now: UInt64) {
        for facts in refusals.take(before: now) { record(facts) }
    }

    func verdict(_ token: String) -> TokenBook.Verdict {
        book.verdict(token, now: SystemClock.wallMilliseconds())
    }

    /// - Source: MCP 9.4.
    func unauthorized(_ reason: String, _ client: HTTPClient) -> HTTPResponse {
        var challenge = #"Bearer realm="peer-agent""#
        if reason != "missing" { challenge += #", error="invalid_token""# }
        return HTTPResponse.error(401, Self.unauthorizedError(reason))
            .with("WWW-Authenticate", challenge + discovery(client))
    }

    static func unauthorizedError(_ reason: String) -> MCPError {
        MCPError(
            .unauthorized, "A peer-agent token is needed.",
            data: [
                "reason": .string(reason),
                "fix": .string(
                    "Send 'Authorization: Bearer pat_…'. "
                        + "Create one with: peer-agent token create"),
            ])
    }

    private func rateRefusal(_ client: HTTPClient) -> HTTPResponse? {
        guard let access = client.access, !client.isLocalSocket else { return nil }
        let now = SystemClock.wallMilliseconds()
        let wait = dispatcher.assumeIsolated { dispatcher in
            dispatcher.limiter.take(.requests, principal: access.principal, now: now)
        }
        guard let wait else { return nil }
        metrics.rateLimited += 1
        let error = MCPError(
            .rateLimited, "Too many requests; wait \((wait + 999) / 1_000) s.",
            data: ["retry_after_ms": JSON(wait)])
        return tooMany(error)
    }

    func tooMany(_ error: MCPError) -> HTTPResponse {
        HTTPResponse.error(429, error)
            .with("Retry-After", MCPStatus.retryAfter(error) ?? "1")
    }
}

extension Access {
    /// Whoever reaches the socket file owns the node.
    static let owner = Access(principal: "owner", scope: .full)
}

extension TokenText {
    static let length = 68
}
