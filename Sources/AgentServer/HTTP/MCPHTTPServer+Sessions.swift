import PeerNet
import PeerNode
import PeerState

// Sessions of the legacy era.
extension MCPHTTPServer {
    func initialize(_ request: MCPRequest, _ client: HTTPClient, _ id: UInt64) {
        guard let access = client.access else { return }
        let frontEnd: MCPLegacyFrontEnd
        do throws(MCPError) {
            frontEnd = try MCPLegacyFrontEnd(initialize: request.params)
        } catch {
            let status = MCPStatus.of(error.code, isModern: false)
            return answer(id, .json(status, MCPFrame.answer(request.id, .error(error))))
        }
        makeRoom(for: access.principal)
        own { server in
            await server.begin(frontEnd, request, access, id)
        }
    }

    /// The row is on disk before the client learns the id (MCP 11, N1).
    private func begin(
        _ frontEnd: MCPLegacyFrontEnd, _ request: MCPRequest, _ access: Access, _ id: UInt64
    ) async {
        let name = Base64URL.encode(await dispatcher.port.entropy(32))
        let now = SystemClock.wallMilliseconds()
        let session = LegacySession(LegacySession.key(name), frontEnd, access, at: now)
        do {
            try await store.put(session.row)
        } catch {
            log.log(.error, "a session cannot be stored: \(error)")
            return refuse(id, 503, MCPError(.unavailable, "The node's storage failed."))
        }
        sessions[session.key] = session
        record(["event": "session_start", "principal": .string(access.principal)])
        let admission = MCPAdmission(
            .initialize(revision: frontEnd.revision), frontEnd.revision, request.params,
            capabilities: frontEnd.capabilities)
        guard let answered = await dispatcher.answerNow(admission, access) else { return }
        answer(
            id,
            HTTPResponse.json(200, MCPFrame.answer(request.id, answered))
                .with("Mcp-Session-Id", name))
    }

    /// The session a request names, if it lives and is the principal's.
    func liveSession(_ head: HTTPHead, _ client: HTTPClient) -> LegacySession? {
        guard let name = head.value(MCPHeaderRules.session),
            let session = sessions[LegacySession.key(name)],
            session.access.principal == client.access?.principal
        else { return nil }
        return session
    }

    /// The session a request names; what is wrong is answered here.
    ///
    /// - Parameter request: the id of the request that names it, if it is one.
    func session(
        _ head: HTTPHead, _ client: HTTPClient, _ id: UInt64, of request: MCPRequestID? = nil
    ) -> LegacySession? {
        let revision = revision(head, client)
        guard !head.values(MCPHeaderRules.session).isEmpty else {
            refuse(
                id, 400,
                MCPError(
                    .invalidRequest,
                    "Begin with \"initialize\" and send the Mcp-Session-Id of its answer, or send "
                        + "the header MCP-Protocol-Version and an envelope."),
                of: request, in: revision)
            return nil
        }
        guard let session = liveSession(head, client) else {
            refuse(
                id, 404, MCPError(.invalidRequest, "No such session; initialize again."),
                of: request, in: revision)
            return nil
        }
        let versions = head.values(MCPHeaderRules.version)
        guard versions.allSatisfy({ $0 == session.revision.rawValue }) else {
            refuse(
                id, 400,
                MCPError(
                    .invalidRequest, "This session speaks \(session.revision.rawValue)."),
                of: request, in: session.revision)
            return nil
        }
        session.usedAt = SystemClock.wallMilliseconds()
        if let access = client.access, access != session.access {
            session.access = access
            session.listener?.assumeIsolated { $0.take(access) }
        }
        return session
    }

    func endSession(_ head: HTTPHead, _ client: HTTPClient, _ id: UInt64) {
        guard let session = session(head, client, id) else { return }
        forget([session]) { $0.answer(id, HTTPResponse(204)) }
    }

    /// Ends sessions: requests under way are cancelled, streams end, rows go.
    ///
    /// - Parameter then: called once no later process can find them.
    func forget(
        _ ended: [LegacySession],
        then: @escaping @Sendable (isolated MCPHTTPServer) -> Void = { _ in }
    ) {
        guard !ended.isEmpty else { return }
        for session in ended {
            session.listening?.cancel()
            for (flight, value) in flights where replies[value.reply]?.session == session.key {
                cancel(flight)
            }
            endStandingStreams(of: session.key)
            for (number, reply) in replies where reply.session == session.key {
                replies[number] = nil
                if let client = reply.client { clients[client]?.stream.finish() }
            }
            sessions[session.key] = nil
            unstoredSessions.remove(session.key)
            record([
                "event": "session_end", "principal": .string(session.access.principal),
            ])
        }
        let keys = ended.map(\.key)
        own { server in
            do {
                try await server.store.removeSessions(keys)
            } catch {
                server.log.log(.error, "a session cannot be removed: \(error)")
            }
            then(server)
        }
    }

    private func makeRoom(for principal: String) {
        let mine = sessions.values.filter { $0.access.principal == principal }
        var ended: [LegacySession] = []
        if mine.count >= Limits.sessionsPerPrincipal, let oldest = leastUsed(mine) {
            ended.append(oldest)
        } else if sessions.count >= Limits.sessionsTotal,
            let oldest = leastUsed(Array(sessions.values))
        {
            ended.append(oldest)
        }
        forget(ended)
    }

    /// Idle ones go first.
    private func leastUsed(_ candidates: [LegacySession]) -> LegacySession? {
        let busy = Set(replies.values.filter { $0.client != nil }.compactMap(\.session))
        let idle = candidates.filter { !busy.contains($0.key) }
        return (idle.isEmpty ? candidates : idle).min { $0.usedAt < $1.usedAt }
    }

    func expireSessions(_ now: Instant) {
        let now = SystemClock.wallMilliseconds()
        let listening = Set(replies.values.filter { $0.client != nil }.compactMap(\.session))
        for session in sessions.values where listening.contains(session.key) {
            session.usedAt = now
        }
        keepUsedSessions()
        forget(
            sessions.values.filter {
                now >= $0.usedAt + Limits.sessionIdle.count
                    || now >= $0.createdAt + Limits.sessionLife.count
            })
    }

    /// Writes down now and then when sessions were last used.
    private func keepUsedSessions() {
        let used = sessions.values.filter {
            $0.usedAt >= $0.storedAt + Limits.sessionUseKept.count
        }
        for session in used { session.storedAt = session.usedAt }
        let keys = used.map(\.key)
        guard !keys.isEmpty else { return }
        own { server in for key in keys { await server.keep(key) } }
    }

    /// Writes down what a session is now.
    func keep(_ key: String) async {
        guard let session = sessions[key] else { return }
        do {
            try await store.put(session.row)
        } catch {
            log.log(.warning, "a session is not kept: \(error)")
        }
    }

    /// What a principal of an earlier process may do now.
    func access(of principal: String) -> Access? {
        if let access = issuer?.rememberedAccess(principal) { return access }
        let grant = book.row(principal)
        guard grant.map({ $0.isLive(at: SystemClock.wallMilliseconds()) }) ?? true else {
            return nil
        }
        let access =
            grant?.grant.access(principal: principal)
            ?? (principal == Access.owner.principal ? .owner : settings.anonymous)
        return access?.principal == principal ? access : nil
    }

    func beginListening(_ session: LegacySession) {
        guard session.listener == nil, !isDraining else { return }
        let key = session.key
        let wants = Listener.Wants(session.frontEnd)
        let loop = loop
        let listener = Listener(dispatcher, session.access, wants) { method, params in
            let frame = MCPFrame.notification(method, params.isEmpty ? nil : params)
            let feed = method == EventRelay.method ? params["feed"]?.integer : nil
            loop.enter { self.assumeIsolated { $0.announce(frame, at: feed, to: key) } }
        }
        session.listener = listener
        let subscriptions = session.subscriptions.sorted()
        let frontEnd = session.frontEnd
        let access = session.access
        let mark = session.log.mark
        let isRestored = session.isRestored
        session.listening = Task.immediate {
            await listener.open()
            let position = await listener.relayEvents(to: frontEnd, access, after: mark)
            if let position { self.mark(position, of: key) }
            for uri in subscriptions where await listener.add(uri) && isRestored {
                // How it read when the client was last told, nobody knows any more.
                listener.announce(updated: uri)
            }
            await listener.run()
        }
    }

    private func mark(_ feed: UInt64, of key: String) {
        guard let session = sessions[key] else { return }
        session.log.mark(feed)
        storeStreams(session)
    }

    /// Sends to the GET stream; kept for a while when the client has lost it.
    ///
    /// - Parameter feed: the number of the event that it tells, if it tells one.
    private func announce(_ frame: [UInt8], at feed: Int64?, to key: String) {
        guard let session = sessions[key], session.hasListened else { return }
        metrics.frames += 1
        if let feed { session.log.mark(UInt64(clamping: feed)) }
        let place = session.log.append(frame, to: SessionLog.standing)
        say(ServerSentEvent.message(frame, id: place.text), at: place, in: session)
    }

    /// GET: listens to the session, or reads on where a lost stream stopped.
    func openStream(_ head: HTTPHead, _ client: HTTPClient, _ id: UInt64) {
        guard let session = session(head, client, id) else { return }
        guard let last = head.value("last-event-id"), !last.isEmpty else {
            return listen(to: session, client, id, after: nil)
        }
        guard let place = session.log.place(last) else {
            return refuse(id, 400, MCPError(.invalidRequest, "That event is not known here."))
        }
        if place.stream == SessionLog.standing {
            listen(to: session, client, id, after: place)
        } else {
            resume(place, of: session, client, id)
        }
    }

    /// The newest listener of a session is the only one.
    private func listen(
        to session: LegacySession, _ client: HTTPClient, _ id: UInt64, after place: SessionPlace?
    ) {
        endStandingStreams(of: session.key)
        let number = newReply(client, id, isModern: false, session: session)
        replies[number]?.isStanding = true
        replies[number]?.remaining = 1
        replies[number]?.stream = SessionLog.standing
        session.hasListened = true
        session.attached[SessionLog.standing] = number
        beginStream(of: number)
        if let place { retell(after: place, of: session, to: id) }
        beginListening(session)
    }

    private func resume(
        _ place: SessionPlace, of session: LegacySession, _ client: HTTPClient, _ id: UInt64
    ) {
        beginStream(id, [])
        retell(after: place, of: session, to: id)
        guard let number = session.attached[place.stream] else { return endStream(id) }
        // A message goes to exactly one stream: the older connection of it ends.
        if let other = replies[number]?.client { clients[other]?.stream.finish() }
        replies[number]?.client = id
        client.reply = number
        endIfSent(number)
    }

    private func retell(after place: SessionPlace, of session: LegacySession, to id: UInt64) {
        for (place, frame) in session.log.tail(after: place).events {
            send(
                id,
                frame.isEmpty
                    ? ServerSentEvent.priming(id: place.text)
                    : ServerSentEvent.message(frame, id: place.text))
        }
    }
}
