import PeerNet
import PeerState

// Tokens of an external issuer beside the node's own (MCP 9.5, mode B).
extension MCPHTTPServer {
    /// Who shows a token of the issuer; `nil` = it is none, by form or by place.
    func identify(issued token: String, _ client: HTTPClient) -> Identity? {
        guard let issuer, let resource = client.resource, IssuedToken.isLike(token) else {
            return nil
        }
        let now = SystemClock.wallMilliseconds()
        let read: IssuedToken
        do throws(IssuedToken.Refusal) {
            read = try IssuedToken(token, by: issuer, for: resource, now: now)
        } catch {
            return .refused(refuse(error, client))
        }
        // What opens nothing takes nobody's place.
        guard let access = issuer.access(read.principal, read.scopes) else {
            return .refused(insufficient([.readOnly], held: [], client))
        }
        let shown = issued.show(read)
        if let forgotten = shown.forgotten { end(issued: forgotten) }
        if shown.isWider {
            dispatcher.assumeIsolated { $0.announce(.widerToken(principal: read.principal)) }
        }
        return .known(access)
    }

    /// An old token of the right issuer is no guess: too many of them shut out others like it, and
    /// not whoever else comes from that address.
    private func refuse(_ refusal: IssuedToken.Refusal, _ client: HTTPClient) -> HTTPResponse {
        switch refusal {
        case .invalid:
            countFailure(of: client.address)
            return refuseToken("invalid", client)
        case .expired(let principal):
            if let wait = failedAccess.wait(principal, now: loop.now) { return shutOut(wait) }
            countFailure(of: principal)
            return refuseToken("expired", client)
        }
    }

    /// Refuses with every scope that the requests take, so that one more step is enough.
    ///
    /// - Returns: `nil` where nothing is missing.
    func scopeRefusal(_ methods: [MCPMethod], _ client: HTTPClient) -> HTTPResponse? {
        guard let access = client.access, let held = access.issuedScopes else { return nil }
        let missing = methods.reduce(into: Set<Scope>()) { $0.formUnion(access.missing(for: $1)) }
        guard !missing.isEmpty else { return nil }
        var facts: JSONObject = [
            "event": "scope_refused", "principal": .string(access.principal),
            "needed": JSON(missing.sorted().map(\.rawValue)),
        ]
        if case .callTool(let name, _)? = methods.first {
            facts.append("tool", .string(Sanitiser.name(name)))
        }
        record(facts)
        return insufficient(missing, held: held, client)
    }

    /// A 403 for legacy messages, which are not understood any further then.
    func scopeRefusal(legacy messages: [MCPMessage], _ client: HTTPClient) -> HTTPResponse? {
        var methods: [MCPMethod] = []
        for case .request(let request) in messages {
            do throws(MCPError) {
                methods.append(try MCPMethod.decode(request, isModern: false))
            } catch {
                continue  // It is refused in its own words.
            }
        }
        return scopeRefusal(methods, client)
    }

    /// The scopes that are held are named, too: who asks for what is named loses none.
    func insufficient(
        _ missing: Set<Scope>, held: Set<Scope>, _ client: HTTPClient
    ) -> HTTPResponse {
        let needed = missing.sorted().map(\.rawValue)
        let all = missing.union(held).sorted().map(\.rawValue).joined(separator: " ")
        let error = MCPError(
            .scopeDenied, "The token lacks a scope; ask its issuer for: \(all).",
            data: ["needed": JSON(needed)])
        var challenge = #"Bearer error="insufficient_scope", scope="\#(all)""#
        if let resource = client.resource {
            challenge += #", resource_metadata="\#(Issuer.metadataURL(of: resource))""#
        }
        return HTTPResponse.error(403, error).with("WWW-Authenticate", challenge)
    }

    /// Where a client without a token that works learns whom to ask for one.
    func discovery(_ client: HTTPClient) -> String {
        guard issuer != nil, let resource = client.resource else { return "" }
        let scopes = Issuer.usualScopes.map(\.rawValue).joined(separator: " ")
        return #", resource_metadata="\#(Issuer.metadataURL(of: resource))", scope="\#(scopes)""#
    }

    func answerMetadata(_ id: UInt64, _ client: HTTPClient) {
        guard let issuer, let resource = client.resource else { return }
        answer(id, .json(200, JSON.object(issuer.metadata(for: resource)).encoded))
    }

    /// Takes other keys, or another issuer; what stood under keys that are gone ends.
    package func change(to issuer: Issuer?) {
        guard issuer != self.issuer else { return }
        let isSame =
            issuer?.url == self.issuer?.url && issuer?.grant == self.issuer?.grant
            && issuer?.resource == self.issuer?.resource
        self.issuer = issuer
        // What is over anyway says nothing about the keys that others rest on.
        endExpiredIssued(at: SystemClock.wallMilliseconds())
        for principal in issued.takeUnsigned(by: isSame ? issuer?.keys : nil) {
            end(issued: principal)
        }
    }

    func endExpiredIssued(at now: UInt64) {
        for principal in issued.takeExpired(at: now) { end(issued: principal) }
    }

    /// Ends what a principal has open. Its sessions and tasks stay: a newer token finds them.
    private func end(issued principal: String) {
        end(principal, because: "expired", forGood: false)
        dispatcher.assumeIsolated { $0.forget(principal) }
    }
}
